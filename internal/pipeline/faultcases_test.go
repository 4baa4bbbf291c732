package pipeline

import (
	"net/http"
	"slices"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// faultCase is something that a server may do to a sync.
type faultCase struct {
	fault, does string // for a reader: what happens, and what claimlake does about it
	faults      []fhirtest.Fault
	server      func(*fhirtest.Options)
	export      func(*extract.Export)
	smart       bool // the server wants tokens
	search      bool // the server is searched, page by page
}

// faultGroup is a step of an export.
type faultGroup struct {
	step  string
	files bool // the faults are in the files, or on their way
	cases []faultCase
}

// on is a fault of requests of a kind: of the first one, or with attempt 0 of all.
func on(kind fhirtest.Kind, attempt int, f fhirtest.Fault) []fhirtest.Fault {
	f.Kind, f.Attempt = kind, attempt
	return []fhirtest.Fault{f}
}

func status(code int) fhirtest.Fault { return fhirtest.Fault{Status: code} }

func throttled(retryAfter string) fhirtest.Fault {
	return fhirtest.Fault{Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
}

func polls(n int, retryAfter string) func(*fhirtest.Options) {
	return func(o *fhirtest.Options) { o.Polls, o.RetryAfter = n, retryAfter }
}

// onePerPage pages the manifest, which the client allows.
func onePerPage(o *fhirtest.Options) { o.PageFiles = 1 }

func partial(e *extract.Export) { e.AllowPartialManifests = true }

// faultGroups is the matrix. The clock of the tests begins on 2000-01-01.
func faultGroups() []faultGroup {
	return []faultGroup{
		{"Token", false, tokenFaults()},
		{"Kick-off", false, kickoffFaults()},
		{"Polling", false, pollingFaults()},
		{"Manifest", false, manifestFaults()},
		{"Partial manifests", false, partialFaults()},
		{"Files: answers", true, answerFaults()},
		{"Files: on the way", true, wireFaults()},
		{"Files: parts and versions", true, partFaults()},
		{"Files: their end", true, endFaults()},
		{"Search", false, searchFaults()},
		{"DELETE", false, deleteFaults()},
	}
}

// both is a fault of the first request of a kind, and the same of each.
func both(kind fhirtest.Kind, f fhirtest.Fault, fault, once, forever string, change ...func(*faultCase)) []faultCase {
	cases := []faultCase{
		{fault: fault + ", once", does: once, faults: on(kind, 1, f)},
		{fault: fault + ", for ever", does: forever, faults: on(kind, 0, f)},
	}
	for i := range cases {
		for _, c := range change {
			c(&cases[i])
		}
	}
	return cases
}

func authorized(c *faultCase) { c.smart = true }

func running(n int) func(*faultCase) { return func(c *faultCase) { c.server = polls(n, "1") } }

const (
	again  = "asks again"
	giveUp = "asks a few times, then stops"
	fails  = "fails at once"
)

func tokenFaults() []faultCase {
	token, discovery := fhirtest.Token, fhirtest.Discovery
	newOne := "asks again, with a new assertion"
	return slices.Concat(
		both(token, status(503), "token endpoint answers 503", newOne, giveUp, authorized),
		both(token, status(401), "token endpoint refuses the client (401)", "does without the CapabilityStatement, for which the first token is", fails+": the key is not registered", authorized),
		both(token, fhirtest.Fault{Drop: true}, "token endpoint closes the connection", newOne, giveUp, authorized),
		both(token, fhirtest.Fault{HTML: true}, "token endpoint sends an HTML page", "does without the CapabilityStatement, for which the first token is", fails+": this is no token", authorized),
		both(discovery, status(500), "discovery answers 500", again, giveUp+"; without tokens it does without", authorized),
		[]faultCase{
			{fault: "token expires at the kick-off, once", does: "gets another, once", faults: on(fhirtest.Kickoff, 1, fhirtest.Fault{ExpireToken: true}), smart: true},
			{fault: "every token is refused at the kick-off", does: "gets another once, then stops", faults: on(fhirtest.Kickoff, 0, fhirtest.Fault{ExpireToken: true}), smart: true},
			{fault: "token expires while it polls, once", does: "gets another, once", faults: on(fhirtest.Status, 2, fhirtest.Fault{ExpireToken: true}), smart: true, server: polls(3, "1")},
			{fault: "every token is refused at the polls", does: "gets another once, then stops", faults: on(fhirtest.Status, 0, fhirtest.Fault{ExpireToken: true}), smart: true, server: polls(3, "1")},
			{fault: "token expires at each file, once", does: "gets another, once a file", faults: on(fhirtest.File, 1, fhirtest.Fault{ExpireToken: true}), smart: true},
			{fault: "every token is refused at the files", does: "gets another once, then the file fails", faults: on(fhirtest.File, 0, fhirtest.Fault{ExpireToken: true}), smart: true},
		})
}

func kickoffFaults() []faultCase {
	kickoff := fhirtest.Kickoff
	return slices.Concat(
		both(kickoff, throttled("30"), "429 with Retry-After in seconds", "waits so long, asks again", giveUp),
		both(kickoff, throttled("Sat, 01 Jan 2000 00:00:40 GMT"), "429 with Retry-After as a date", "waits until then", giveUp),
		both(kickoff, throttled("946684840000"), "429 with Retry-After in epoch milliseconds", "waits until then", giveUp),
		both(kickoff, throttled("31536000"), "429 with Retry-After of a year", "waits 15 minutes at most", giveUp),
		both(kickoff, throttled("soon"), "429 with a Retry-After that is no time", "waits as if there were none", giveUp),
		both(kickoff, status(500), "500", again, giveUp),
		both(kickoff, status(400), "400", fails+", with the server's issue code", fails+", with the server's issue code"),
		both(kickoff, status(403), "403", fails+": the scope does not allow it", fails+": the scope does not allow it"),
		both(kickoff, fhirtest.Fault{Drop: true}, "connection closed without an answer", again, giveUp),
		both(kickoff, fhirtest.Fault{HTML: true}, "an HTML page with 200", fails+": a gateway is in between", fails+": a gateway is in between"),
		[]faultCase{
			{fault: "the export reports errors in its outcome files, once", does: "holds the run back: what failed is asked for again", faults: on(kickoff, 1, fhirtest.Fault{Errors: []string{"one resource was left out"}})},
			{fault: "each export reports errors in its outcome files", does: "holds the run back: what failed is asked for again", faults: on(kickoff, 0, fhirtest.Fault{Errors: []string{"one resource was left out"}})},
			{fault: "the export reports errors in an outcome file that is not there", does: "holds the run back: nobody knows what failed", faults: []fhirtest.Fault{{Kind: kickoff, Attempt: 1, Errors: []string{"one resource was left out"}}, {Kind: fhirtest.File, Match: "outcome", Status: 404}}},
			{fault: "the export ends with 500", does: "asks a few times (a gateway may speak), then fails", faults: on(kickoff, 1, fhirtest.Fault{Fail: 500})},
			{fault: "each export ends with 500", does: "asks a few times (a gateway may speak), then fails", faults: on(kickoff, 0, fhirtest.Fault{Fail: 500})},
		})
}

func pollingFaults() []faultCase {
	poll := fhirtest.Status
	idle := "gives the connection up after 2 minutes without a byte"
	return slices.Concat([]faultCase{
		{fault: "202 without Retry-After", does: "waits 1 s, 2 s, 4 s … 60 s", server: polls(5, "")},
		{fault: "202 with Retry-After in seconds", does: "waits so long", server: polls(3, "20")},
		{fault: "202 with Retry-After of a year", does: "waits 15 minutes at most", server: polls(1, "31536000")},
		{fault: "polls sooner than every 10 s get 429", does: "waits as Retry-After says", server: func(o *fhirtest.Options) { o.Polls, o.MinPoll = 3, 10*time.Second }},
		{fault: "202 for ever", does: "stops at the export's deadline", faults: on(poll, 0, status(202)), server: polls(2, "600")},
	},
		both(poll, status(503), "503", again, giveUp, running(3)),
		both(poll, fhirtest.Fault{Status: 503, RetryAfter: "60"}, "503 with Retry-After", "waits so long", giveUp, running(3)),
		both(poll, status(500), "500", again, giveUp, running(3)),
		both(poll, fhirtest.Fault{Status: 502, HTML: true}, "502 as an HTML page", again, giveUp, running(2)),
		both(poll, fhirtest.Fault{Drop: true}, "connection closed without an answer", again, giveUp, running(2)),
		both(poll, fhirtest.Fault{Stall: time.Hour}, "no answer for an hour", idle, idle+", a few times", running(2)),
		[]faultCase{
			{fault: "the server restarts and keeps its exports, once", does: again, faults: on(poll, 2, fhirtest.Fault{Restart: fhirtest.KeepJobs}), server: polls(3, "1")},
			{fault: "the server restarts and keeps its exports, for ever", does: giveUp, faults: on(poll, 0, fhirtest.Fault{Restart: fhirtest.KeepJobs}), server: polls(3, "1")},
			{fault: "the server restarts and loses its exports", does: "stops: the export is gone", faults: on(poll, 2, fhirtest.Fault{Restart: fhirtest.LoseJobs}), server: polls(3, "1")},
		})
}

func manifestFaults() []faultCase {
	manifest := fhirtest.Manifest
	second := func(f fhirtest.Fault) []fhirtest.Fault { f.Kind, f.Match = manifest, "/2"; return []fhirtest.Fault{f} }
	return slices.Concat(
		both(manifest, fhirtest.Fault{HTML: true}, "an HTML page with 200", fails+": a gateway is in between", fails+": a gateway is in between"),
		both(manifest, fhirtest.Fault{CutAt: 100}, "cut in the middle", again, giveUp),
		both(manifest, status(404), "404", "stops: the export is gone", "stops: the export is gone"),
		both(manifest, status(204), "204", fails+": this is no manifest", fails+": this is no manifest"),
		both(manifest, fhirtest.Fault{NoOutput: true}, "no output", fails+": Bulk Data requires it, be it empty", fails+": Bulk Data requires it, be it empty"),
		both(manifest, fhirtest.Fault{Loop: true}, "its pages are linked in a circle", "finds the files of the page a second time: a check fails", fails),
		[]faultCase{
			{fault: "counts are too high", does: "cannot know whether lines are missing: a check fails", faults: on(manifest, 0, fhirtest.Fault{Counts: 7})},
			{fault: "counts are too low", does: "loads all, and a finding says so", faults: on(manifest, 0, fhirtest.Fault{Counts: -7})},
			{fault: "no counts", does: "loads all", faults: on(manifest, 0, fhirtest.Fault{NoCounts: true})},
			{fault: "comes in pages", does: "reads all pages first", server: onePerPage, export: partial},
			{fault: "the second page answers 500, once", does: again, server: onePerPage, export: partial, faults: second(fhirtest.Fault{Attempt: 1, Status: 500})},
			{fault: "the second page answers 500, for ever", does: giveUp, server: onePerPage, export: partial, faults: second(fhirtest.Fault{Status: 500})},
			{fault: "the second page answers 404", does: "stops: no part of an export is shown", server: onePerPage, export: partial, faults: second(fhirtest.Fault{Status: 404})},
			{fault: "the second page has no output", does: "stops: no part of an export is shown", server: onePerPage, export: partial, faults: second(fhirtest.Fault{NoOutput: true})},
			{fault: "the second page leads back to the first", does: "stops: no part of an export is shown", server: onePerPage, export: partial, faults: second(fhirtest.Fault{Loop: true})},
			{fault: "files organized by patient", does: "reads over the header lines", export: func(e *extract.Export) { e.OrganizeOutputBy = "Patient" }},
			{fault: "a STU4 server tells the state in X-Export-Status", does: "reads it there", export: func(e *extract.Export) { e.SeparateExportStatus = true }, server: func(o *fhirtest.Options) { o.Version, o.Polls, o.RetryAfter = "stu4", 2, "1" }},
		})
}

// partialFaults are of servers that make known while the export runs which files are done,
// one on each page.
func partialFaults() []faultCase {
	poll, manifest, file := fhirtest.Status, fhirtest.Manifest, fhirtest.File
	grows := func(o *fhirtest.Options) { o.PageFiles, o.Polls, o.RetryAfter = 1, 8, "10" }
	every := func(o *fhirtest.Options) { grows(o); o.MinPoll = 10 * time.Second }
	second := func(f fhirtest.Fault) fhirtest.Fault { f.Kind, f.Match = manifest, "/2"; return f }
	of := func(kind fhirtest.Kind, f fhirtest.Fault) []fhirtest.Fault { return on(kind, 0, f) }
	ahead := "fetches files ahead"
	other := "stops: of what is loaded nobody knows whether it is right"
	cases := []faultCase{
		{fault: "files are known while the export runs", does: "fetches them meanwhile"},
		{fault: "requests for the status or a page sooner than every 10 s get 429", does: "sends one request a poll", server: every},
		{fault: "the same, and each page is there at once", does: "sends one request a poll", server: func(o *fhirtest.Options) { every(o); o.Polls = 4 }},
		{fault: "it does not know allowPartialManifests and refuses it", does: "starts the export without", server: func(o *fhirtest.Options) { o.Version = "stu2" }},
		{fault: "it ignores allowPartialManifests", does: "reads the manifest at the end", server: polls(3, "10")},
		{fault: "it sends parts although nobody asked for them", does: "looks at no part", export: func(e *extract.Export) { e.AllowPartialManifests = false }},
		{fault: "parts grow without pages", does: ahead, faults: append(of(poll, fhirtest.Fault{Unpaged: true}), of(manifest, fhirtest.Fault{Unpaged: true})...)},
		{fault: "all files are on the first page at the end", does: other, faults: of(manifest, fhirtest.Fault{Unpaged: true})},
		{fault: "a file of a part is missing at the end, once", does: other, faults: on(manifest, 1, fhirtest.Fault{Lacks: 1})},
		{fault: "a file of a part is missing at the end, for ever", does: other, faults: []fhirtest.Fault{{Kind: manifest, Match: "/", Lacks: 1}}},
		{fault: "the files of a part are others at the end", does: other, faults: append(of(poll, fhirtest.Fault{Unpaged: true}), of(manifest, fhirtest.Fault{Unpaged: true, Reverse: true})...)},
		{fault: "transactionTime is later at the end", does: other, faults: of(manifest, fhirtest.Fault{Later: time.Minute})},
		{fault: "transactionTime is later in one part", does: other, faults: on(poll, 5, fhirtest.Fault{Later: time.Minute})},
		{fault: "the second page is announced before it is there", does: again, faults: []fhirtest.Fault{second(fhirtest.Fault{Attempt: 1, Status: 202})}},
		{fault: "the second page answers 500, once", does: again, faults: []fhirtest.Fault{second(fhirtest.Fault{Attempt: 1, Status: 500})}},
		{fault: "the second page answers 500, for ever", does: giveUp, faults: []fhirtest.Fault{second(fhirtest.Fault{Status: 500})}},
		{fault: "the second page is gone (404)", does: "stops: no part of an export is shown", faults: []fhirtest.Fault{second(fhirtest.Fault{Attempt: 2, Status: 404})}},
		{fault: "the export fails after files were fetched, once", does: "stops: no part of an export is shown", faults: on(fhirtest.Kickoff, 1, fhirtest.Fault{Fail: 500})},
		{fault: "each export fails after files were fetched", does: "stops: no part of an export is shown", faults: on(fhirtest.Kickoff, 0, fhirtest.Fault{Fail: 500})},
		{fault: "the export fails after files were fetched, as X-Export-Status says", does: "stops: no part of an export is shown", faults: on(fhirtest.Kickoff, 0, fhirtest.Fault{Fail: 500}), server: func(o *fhirtest.Options) { grows(o); o.Version = "stu4" }, export: func(e *extract.Export) { partial(e); e.SeparateExportStatus = true }},
		{fault: "the export never ends", does: "stops at the export's deadline", faults: []fhirtest.Fault{{Kind: manifest, Match: "/2"}, {Kind: manifest, Status: 202}}},
		{fault: "the polls fail after files were fetched, for ever", does: giveUp, faults: []fhirtest.Fault{{Kind: poll, Attempt: 1}, {Kind: poll, Attempt: 2}, {Kind: poll, Attempt: 3}, {Kind: poll, Attempt: 4}, {Kind: poll, Status: 503}, {Kind: manifest, Match: "/2"}, {Kind: manifest, Status: 503}}},
		{fault: "the server restarts and keeps its exports, once", does: again, faults: on(poll, 4, fhirtest.Fault{Restart: fhirtest.KeepJobs})},
		{fault: "the server restarts and loses its exports", does: "stops: the export is gone", faults: on(poll, 4, fhirtest.Fault{Restart: fhirtest.LoseJobs})},
		{fault: "a file is not there while the export runs (404)", does: "asks again when it is done", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-1", Attempt: 1, Status: 404}}},
		{fault: "a file answers 500, for ever", does: "asks again when the export is done; the file fails", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-1", Status: 500}}},
		{fault: "links expire while the export runs (410)", does: "the next poll has others; reads what it had and compares", faults: on(file, 1, fhirtest.Fault{Expire: true})},
		{fault: "a file is another one when the export is done", does: other, faults: []fhirtest.Fault{{Kind: file, Match: "Claim-1", Attempt: 2, Other: true}, {Kind: file, Match: "Claim-2", Attempt: 1, Expire: true}}},
		{fault: "tokens are wanted, and expire while it polls", does: "gets another", smart: true, faults: on(poll, 3, fhirtest.Fault{ExpireToken: true})},
	}
	for i := range cases {
		if cases[i].server == nil {
			cases[i].server = grows
		}
		if cases[i].export == nil {
			cases[i].export = partial
		}
	}
	return cases
}

const errorPage = "<!DOCTYPE html>\n<html>\n<h1>Sign in</h1>\n</html>\n"

const errorOutcome = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}`

func answerFaults() []faultCase {
	file := fhirtest.File
	gateway := "the file fails: a gateway is in between"
	return slices.Concat(
		both(file, status(500), "500", again, giveUp),
		[]faultCase{{fault: "500 for one of the files, for ever", does: "asks a few times; the other files are read all the same", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Status: 500}}}},
		both(file, fhirtest.Fault{Status: 503, RetryAfter: "120"}, "503 with Retry-After", "waits so long", giveUp),
		both(file, throttled("5"), "429", "waits, and downloads fewer files at once", giveUp),
		both(file, status(404), "404", "reads the manifest again for another link, then the file fails", "the same"),
		both(file, status(403), "403", "reads the manifest again for another link, then the file fails", "the same"),
		both(file, fhirtest.Fault{Expire: true}, "links expire (410)", "reads the manifest again for new links", "does so once a file, then it fails"),
		both(file, fhirtest.Fault{Expire: true, Status: 403}, "links expire (403, as object stores answer)", "reads the manifest again for new links", "does so once a file, then it fails"),
		both(file, fhirtest.Fault{HTML: true}, "an HTML page with 200", gateway, gateway),
		both(file, fhirtest.Fault{Body: errorPage}, "an HTML page as NDJSON", gateway, gateway),
		both(file, fhirtest.Fault{Body: errorOutcome}, "an OperationOutcome with 200", "the file fails", "the file fails"),
		both(file, fhirtest.Fault{NoBody: true}, "200 with nothing", "asks again, since the manifest counts lines", "asks again once; a check fails"),
		both(file, status(204), "204", "the file fails", "the file fails"),
		both(file, fhirtest.Fault{Drop: true}, "connection closed without an answer", again, giveUp),
		[]faultCase{
			{fault: "200 with nothing, of files without a count", does: "a check fails: a file that is listed has something", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", NoBody: true}, {Kind: fhirtest.Manifest, NoCounts: true}}},
			{fault: "redirect to another host; links need no token", does: "follows", faults: on(file, 1, fhirtest.Fault{Redirect: "http://files.example.net"})},
			{fault: "redirect to another host; links need the token", does: "does not send the token there, and the file fails", faults: on(file, 0, fhirtest.Fault{Redirect: "http://files.example.net"}), smart: true},
			{fault: "the server restarts and keeps its exports, once", does: again, faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Attempt: 1, Restart: fhirtest.KeepJobs}}},
			{fault: "the server restarts and keeps its exports, for ever", does: giveUp, faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Restart: fhirtest.KeepJobs}}},
			{fault: "the server restarts and loses its exports", does: "the file fails; the next sync begins a new export", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Attempt: 1, Restart: fhirtest.LoseJobs}}},
			{fault: "links are secrets and must come without the token", does: "sends none", smart: true, server: func(o *fhirtest.Options) { o.NoToken = true }},
		})
}

func wireFaults() []faultCase {
	file := fhirtest.File
	inside := "goes on inside the file, or reads it again and compares"
	asLong := "goes on as long as bytes come that are new"
	idle := "gives the connection up after 2 minutes without a byte"
	return slices.Concat(
		both(file, fhirtest.Fault{CutAt: 200}, "connection closed after 200 bytes", inside, asLong),
		[]faultCase{
			{fault: "connection closed after 1 byte, three times", does: "goes on each time", faults: []fhirtest.Fault{{Kind: file, Attempt: 1, CutAt: 1}, {Kind: file, Attempt: 2, CutAt: 1}, {Kind: file, Attempt: 3, CutAt: 1}}},
			{fault: "connection closed after 200 bytes, and then without an answer, for ever", does: giveUp, faults: []fhirtest.Fault{{Kind: file, Attempt: 1, CutAt: 200}, {Kind: file, Drop: true}}},
			{fault: "connection closed after 200 bytes, and then 500, for ever", does: giveUp, faults: []fhirtest.Fault{{Kind: file, Attempt: 1, CutAt: 200}, {Kind: file, Status: 500}}},
		},
		both(file, fhirtest.Fault{Stall: time.Hour}, "no answer for an hour", idle, idle+", a few times"),
		both(file, fhirtest.Fault{Stall: time.Hour, StallAt: 200}, "no byte for an hour after 200", idle, asLong),
		[]faultCase{{fault: "100 bytes a second", does: "is patient", faults: on(file, 0, fhirtest.Fault{Rate: 100})}},
		both(file, fhirtest.Fault{Corrupt: fhirtest.GzipBody}, "gzip: a byte is wrong", "reads it again", "reads it again twice, then the file fails"),
		both(file, fhirtest.Fault{Corrupt: fhirtest.GzipTrailer}, "gzip: the checksum is wrong", "reads it again", "reads it again twice, then the file fails"))
}

// partFaults are of servers that send parts of files. The first request is cut, so that
// there is something to ask for.
func partFaults() []faultCase {
	file := fhirtest.File
	cut := fhirtest.Fault{Kind: file, Attempt: 1, CutAt: 200}
	then := func(attempt int, f fhirtest.Fault) []fhirtest.Fault {
		return append([]fhirtest.Fault{cut}, on(file, attempt, f)...)
	}
	return slices.Concat(
		both(file, fhirtest.Fault{Part: 300}, "206, and nobody asked for a part", "the file fails", "the file fails"),
		[]faultCase{
			{fault: "206 with less than what was asked for, once", does: "asks for the rest", faults: then(2, fhirtest.Fault{Part: 300})},
			{fault: "206 with less than what was asked for, for ever", does: "asks for the rest, each time", faults: then(0, fhirtest.Fault{Part: 300})},
			{fault: "206 of another version, once", does: "reads the file again and compares", faults: then(2, fhirtest.Fault{Other: true})},
			{fault: "206 of another version, for ever", does: "reads the file again: it has changed", faults: then(0, fhirtest.Fault{Other: true})},
			{fault: "204 instead of the rest, once", does: "reads the file again and compares", faults: then(2, status(204))},
			{fault: "416 instead of the rest, once", does: "reads the file again and compares", faults: then(2, status(416))},
		})
}

// endFaults are of files whose end is not what it seems.
func endFaults() []faultCase {
	file, manifest := fhirtest.File, fhirtest.Manifest
	oneLine := int64(len(servedClaims()[0]) + 1)
	bare := func(f fhirtest.Fault) fhirtest.Fault { f.Bare = true; return f }
	noCounts := fhirtest.Fault{Kind: manifest, NoCounts: true}
	return slices.Concat(
		both(file, fhirtest.Fault{Truncate: 100}, "a file ends properly inside a line", "reads it again", "reads it again twice, then the file fails"),
		both(file, fhirtest.Fault{Truncate: oneLine}, "a file ends properly after a line", "reads it again, since the manifest counts more", "reads it again once; a check fails"),
		both(file, bare(fhirtest.Fault{}), "no length and no chunks: the connection ends after the file", "the checksum or the manifest's count shows that it is whole", "the same"),
		both(file, bare(fhirtest.Fault{CutAt: 200}), "no length and no chunks: the connection ends after 200 bytes", "reads it again", giveUp),
		both(file, bare(fhirtest.Fault{Truncate: oneLine}), "no length and no chunks: the connection ends after a line", "reads it again, since the manifest counts more", "reads it again once; nothing shows the end, and the file fails; compressed, a check fails"),
		[]faultCase{
			{fault: "each file is the first one again, and there are no counts", does: "a check fails: two files of an export are not the same", faults: append(on(file, 0, fhirtest.Fault{First: true}), noCounts)},
			{fault: "no length, no chunks, no counts: the connection ends after the file, for ever", does: "compressed, the checksum shows the end; else the file fails: nothing does", faults: append(on(file, 0, bare(fhirtest.Fault{})), noCounts)},
			{fault: "no length, no chunks, no counts: the connection ends after 200 bytes, once", does: "reads it again", faults: append(on(file, 1, bare(fhirtest.Fault{CutAt: 200})), noCounts)},
			{fault: "no length, no chunks, no counts: the connection ends after 200 bytes, for ever", does: giveUp, faults: append(on(file, 0, bare(fhirtest.Fault{CutAt: 200})), noCounts)},
		})
}

func searching(c *faultCase) { c.search = true }

func searchFaults() []faultCase {
	search := fhirtest.Search
	second := func(f fhirtest.Fault) []fhirtest.Fault { return on(search, 2, f) }
	return slices.Concat(
		both(search, status(503), "503", again, giveUp, searching),
		both(search, fhirtest.Fault{Drop: true}, "connection closed without an answer", again, giveUp, searching),
		both(search, fhirtest.Fault{CutAt: 200}, "cut in the middle", again, giveUp, searching),
		both(search, fhirtest.Fault{HTML: true}, "an HTML page with 200", fails+": a gateway is in between", fails+": a gateway is in between", searching),
		both(search, fhirtest.Fault{Outcome: "error"}, "a page lacks a match, and has an OperationOutcome of an error", again, giveUp, searching),
		both(search, fhirtest.Fault{Outcome: "fatal"}, "a page lacks a match, and has an OperationOutcome of a fatal error", again, giveUp, searching),
		[]faultCase{
			{fault: "the second page lacks a match, without a word", does: "a check fails: Bundle.total is more", search: true, faults: second(fhirtest.Fault{Missing: 1})},
			{fault: "each page lacks a match, without a word", does: "a check fails: Bundle.total is more", search: true, faults: on(search, 0, fhirtest.Fault{Missing: 1})},
			{fault: "Bundle.total is too high", does: "cannot know whether matches are missing: a check fails", search: true, faults: on(search, 0, fhirtest.Fault{Total: 3})},
			{fault: "Bundle.total is too low", does: "loads all, and a finding says so", search: true, faults: on(search, 0, fhirtest.Fault{Total: -3})},
			{fault: "no Bundle.total", does: "loads all", search: true, server: func(o *fhirtest.Options) { o.Totals = false }},
			{fault: "pages are linked in a circle, once", does: fails, search: true, faults: second(fhirtest.Fault{Loop: true})},
			{fault: "pages are linked in a circle, for ever", does: fails, search: true, faults: on(search, 0, fhirtest.Fault{Loop: true})},
			{fault: "the third page answers 404", does: fails, search: true, faults: on(search, 3, status(404))},
		})
}

func deleteFaults() []faultCase {
	return slices.Concat(
		both(fhirtest.Delete, status(500), "500", again, "says so in the log: the run is complete"),
		both(fhirtest.Delete, status(410), "404 or 410: already gone", "is content", "is content"))
}

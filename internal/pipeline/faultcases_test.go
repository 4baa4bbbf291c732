package pipeline

import (
	"net/http"
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
	// loses: neither the protocol nor the bytes show it. claimlake says at least
	// that the manifest does not fit.
	loses bool
}

// faultGroup is a step of an export.
type faultGroup struct {
	step  string
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
		{"Token", tokenFaults()},
		{"Kick-off", kickoffFaults()},
		{"Polling", pollingFaults()},
		{"Manifest", manifestFaults()},
		{"Files: answers", answerFaults()},
		{"Files: on the way", wireFaults()},
		{"DELETE", deleteFaults()},
	}
}

func tokenFaults() []faultCase {
	token, discovery := fhirtest.Token, fhirtest.Discovery
	return []faultCase{
		{fault: "token endpoint answers 503 once", does: "asks again, with a new assertion", faults: on(token, 1, status(503)), smart: true},
		{fault: "token endpoint answers 503 for ever", does: "gives up after a few times", faults: on(token, 0, status(503)), smart: true},
		{fault: "token endpoint refuses the client (401)", does: "fails at once: the key is not registered", faults: on(token, 0, status(401)), smart: true},
		{fault: "token endpoint closes the connection once", does: "asks again, with a new assertion", faults: on(token, 1, fhirtest.Fault{Drop: true}), smart: true},
		{fault: "token endpoint sends an HTML page", does: "fails: this is no token", faults: on(token, 0, fhirtest.Fault{HTML: true}), smart: true},
		{fault: "discovery answers 500 once", does: "asks again", faults: on(discovery, 1, status(500)), smart: true},
		{fault: "token expires at the kick-off", does: "gets another, once", faults: on(fhirtest.Kickoff, 1, fhirtest.Fault{ExpireToken: true}), smart: true},
		{fault: "token expires while it polls", does: "gets another, once", faults: on(fhirtest.Status, 2, fhirtest.Fault{ExpireToken: true}), smart: true, server: polls(3, "1")},
		{fault: "token expires at each file", does: "gets another, once a file", faults: on(fhirtest.File, 1, fhirtest.Fault{ExpireToken: true}), smart: true},
		{fault: "every token is refused at the files", does: "gets another once, then the file fails", faults: on(fhirtest.File, 0, fhirtest.Fault{ExpireToken: true}), smart: true},
	}
}

func kickoffFaults() []faultCase {
	kickoff := fhirtest.Kickoff
	return []faultCase{
		{fault: "429 with Retry-After in seconds, once", does: "waits so long, asks again", faults: on(kickoff, 1, throttled("30"))},
		{fault: "429 with Retry-After as a date, once", does: "waits until then", faults: on(kickoff, 1, throttled("Sat, 01 Jan 2000 00:00:40 GMT"))},
		{fault: "429 with Retry-After in epoch milliseconds, once", does: "waits until then", faults: on(kickoff, 1, throttled("946684840000"))},
		{fault: "429 with Retry-After of a year, once", does: "waits 15 minutes at most", faults: on(kickoff, 1, throttled("31536000"))},
		{fault: "429 with a Retry-After that is no time, once", does: "waits as if there were none", faults: on(kickoff, 1, throttled("soon"))},
		{fault: "500 once", does: "asks again", faults: on(kickoff, 1, status(500))},
		{fault: "400", does: "fails at once, with the server's issue code", faults: on(kickoff, 0, status(400))},
		{fault: "403", does: "fails at once: the scope does not allow it", faults: on(kickoff, 0, status(403))},
		{fault: "connection closed without an answer, once", does: "asks again", faults: on(kickoff, 1, fhirtest.Fault{Drop: true})},
		{fault: "an HTML page with 200", does: "fails: a gateway is in between", faults: on(kickoff, 0, fhirtest.Fault{HTML: true})},
		{fault: "the export reports errors in its outcome files", does: "goes on, and says so in the log", faults: on(kickoff, 1, fhirtest.Fault{Errors: []string{"one resource was left out"}})},
		{fault: "the export ends with 500", does: "asks a few times (a gateway may speak), then fails", faults: on(kickoff, 1, fhirtest.Fault{Fail: 500})},
	}
}

func pollingFaults() []faultCase {
	poll := fhirtest.Status
	return []faultCase{
		{fault: "202 without Retry-After", does: "waits 1 s, 2 s, 4 s … 60 s", server: polls(5, "")},
		{fault: "202 with Retry-After in seconds", does: "waits so long", server: polls(3, "20")},
		{fault: "202 with Retry-After of a year", does: "waits 15 minutes at most", server: polls(1, "31536000")},
		{fault: "polls sooner than every 10 s get 429", does: "waits as Retry-After says", server: func(o *fhirtest.Options) { o.Polls, o.MinPoll = 3, 10*time.Second }},
		{fault: "503 once", does: "asks again", faults: on(poll, 2, status(503)), server: polls(3, "1")},
		{fault: "503 with Retry-After, once", does: "waits so long", faults: on(poll, 2, fhirtest.Fault{Status: 503, RetryAfter: "60"}), server: polls(3, "1")},
		{fault: "500 for ever", does: "asks a few times, then stops", faults: on(poll, 0, status(500)), server: polls(3, "1")},
		{fault: "502 as an HTML page, once", does: "asks again", faults: on(poll, 1, fhirtest.Fault{Status: 502, HTML: true}), server: polls(2, "1")},
		{fault: "connection closed without an answer, once", does: "asks again", faults: on(poll, 1, fhirtest.Fault{Drop: true}), server: polls(2, "1")},
		{fault: "no answer for an hour, once", does: "gives the connection up after 2 minutes without a byte", faults: on(poll, 1, fhirtest.Fault{Stall: time.Hour}), server: polls(2, "1")},
		{fault: "202 for ever", does: "stops at the export's deadline", faults: on(poll, 0, status(202)), server: polls(2, "600")},
		{fault: "the server restarts and keeps its exports", does: "asks again", faults: on(poll, 2, fhirtest.Fault{Restart: fhirtest.KeepJobs}), server: polls(3, "1")},
		{fault: "the server restarts and loses its exports", does: "stops: the export is gone", faults: on(poll, 2, fhirtest.Fault{Restart: fhirtest.LoseJobs}), server: polls(3, "1")},
	}
}

func manifestFaults() []faultCase {
	manifest := fhirtest.Manifest
	return []faultCase{
		{fault: "an HTML page with 200", does: "fails: a gateway is in between", faults: on(manifest, 0, fhirtest.Fault{HTML: true})},
		{fault: "cut in the middle, once", does: "asks again", faults: on(manifest, 1, fhirtest.Fault{CutAt: 100})},
		{fault: "404", does: "stops: the export is gone", faults: on(manifest, 0, status(404))},
		{fault: "counts are wrong", does: "loads all, and says so in the log", faults: on(manifest, 0, fhirtest.Fault{Counts: 7})},
		{fault: "no counts", does: "loads all", faults: on(manifest, 0, fhirtest.Fault{NoCounts: true})},
		{fault: "comes in pages", does: "reads all pages first", server: onePerPage, export: partial},
		{fault: "comes in pages, before the export is done", does: "reads all pages first", server: func(o *fhirtest.Options) { o.PageFiles, o.Polls, o.RetryAfter = 1, 3, "1" }, export: partial},
		{fault: "the second page answers 500 once", does: "asks again", server: onePerPage, export: partial, faults: []fhirtest.Fault{{Kind: manifest, Match: "/2", Attempt: 1, Status: 500}}},
		{fault: "the second page answers 404", does: "stops: no part of an export is shown", server: onePerPage, export: partial, faults: []fhirtest.Fault{{Kind: manifest, Match: "/2", Status: 404}}},
		{fault: "files organized by patient", does: "reads over the header lines", export: func(e *extract.Export) { e.OrganizeOutputBy = "Patient" }},
		{fault: "a STU4 server tells the state in X-Export-Status", does: "reads it there", export: func(e *extract.Export) { e.SeparateExportStatus = true }, server: func(o *fhirtest.Options) { o.Version, o.Polls, o.RetryAfter = "stu4", 2, "1" }},
	}
}

func answerFaults() []faultCase {
	file := fhirtest.File
	return []faultCase{
		{fault: "500 once", does: "asks again", faults: on(file, 1, status(500))},
		{fault: "500 for ever", does: "asks a few times; the other files are read all the same", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Status: 500}}},
		{fault: "503 with Retry-After, once", does: "waits so long", faults: on(file, 1, fhirtest.Fault{Status: 503, RetryAfter: "120"})},
		{fault: "429 once", does: "waits, and downloads fewer files at once", faults: on(file, 1, throttled("5"))},
		{fault: "404", does: "reads the manifest again for another link, then the file fails", faults: on(file, 0, status(404))},
		{fault: "403", does: "reads the manifest again for another link, then the file fails", faults: on(file, 0, status(403))},
		{fault: "links expire (410)", does: "reads the manifest again for new links", faults: on(file, 1, fhirtest.Fault{Expire: true})},
		{fault: "links expire (403, as object stores answer)", does: "reads the manifest again for new links", faults: on(file, 1, fhirtest.Fault{Expire: true, Status: 403})},
		{fault: "an HTML page with 200, once", does: "the file fails: a gateway is in between", faults: on(file, 1, fhirtest.Fault{HTML: true})},
		{fault: "redirect to another host; links need no token", does: "follows", faults: on(file, 1, fhirtest.Fault{Redirect: "http://files.example.net"})},
		{fault: "redirect to another host; links need the token", does: "does not send the token there, and the file fails", faults: on(file, 0, fhirtest.Fault{Redirect: "http://files.example.net"}), smart: true},
		{fault: "the server restarts and keeps its exports", does: "asks again", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Attempt: 1, Restart: fhirtest.KeepJobs}}},
		{fault: "the server restarts and loses its exports", does: "the file fails; the next sync begins a new export", faults: []fhirtest.Fault{{Kind: file, Match: "Claim-2", Attempt: 1, Restart: fhirtest.LoseJobs}}},
		{fault: "links are secrets and must come without the token", does: "sends none", smart: true, server: func(o *fhirtest.Options) { o.NoToken = true }},
	}
}

func wireFaults() []faultCase {
	file := fhirtest.File
	return []faultCase{
		{fault: "connection closed without an answer, once", does: "asks again", faults: on(file, 1, fhirtest.Fault{Drop: true})},
		{fault: "connection closed after 200 bytes, once", does: "goes on inside the file, or reads it again and compares", faults: on(file, 1, fhirtest.Fault{CutAt: 200})},
		{fault: "connection closed after 1 byte, three times", does: "goes on each time", faults: []fhirtest.Fault{{Kind: file, Attempt: 1, CutAt: 1}, {Kind: file, Attempt: 2, CutAt: 1}, {Kind: file, Attempt: 3, CutAt: 1}}},
		{fault: "connection closed after 200 bytes, each time", does: "goes on as long as bytes come that are new", faults: on(file, 0, fhirtest.Fault{CutAt: 200})},
		{fault: "no answer for an hour, once", does: "gives the connection up after 2 minutes without a byte", faults: on(file, 1, fhirtest.Fault{Stall: time.Hour})},
		{fault: "no byte for an hour after 200, once", does: "gives the connection up after 2 minutes without a byte", faults: on(file, 1, fhirtest.Fault{Stall: time.Hour, StallAt: 200})},
		{fault: "no byte for an hour after 200, each time", does: "goes on as long as bytes come that are new", faults: on(file, 0, fhirtest.Fault{Stall: time.Hour, StallAt: 200})},
		{fault: "100 bytes a second", does: "is patient", faults: on(file, 0, fhirtest.Fault{Rate: 100})},
		{fault: "gzip: a byte is wrong, once", does: "reads it again", faults: on(file, 1, fhirtest.Fault{Corrupt: fhirtest.GzipBody})},
		{fault: "gzip: a byte is wrong, each time", does: "reads it again twice, then the file fails", faults: on(file, 0, fhirtest.Fault{Corrupt: fhirtest.GzipBody})},
		{fault: "gzip: the checksum is wrong, once", does: "reads it again", faults: on(file, 1, fhirtest.Fault{Corrupt: fhirtest.GzipTrailer})},
		{fault: "a file ends properly inside a line, once", does: "reads it again", faults: on(file, 1, fhirtest.Fault{Truncate: 100})},
		{fault: "a file ends properly inside a line, each time", does: "reads it again twice, then the file fails", faults: on(file, 0, fhirtest.Fault{Truncate: 100})},
		{fault: "a file ends properly after a line, each time", does: "cannot know: counts are often wrong; says in the log that the count does not fit", faults: on(file, 0, fhirtest.Fault{Truncate: int64(len(servedClaims()[0]) + 1)}), loses: true},
	}
}

func deleteFaults() []faultCase {
	return []faultCase{
		{fault: "500 for ever", does: "says so in the log: the run is complete", faults: on(fhirtest.Delete, 0, status(500))},
		{fault: "404 or 410: already gone", does: "is content", faults: on(fhirtest.Delete, 0, status(410))},
	}
}

package fhirtest

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

func TestFaultInsteadOfTheAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		fault       Fault
		status      int
		retryAfter  string
		contentType string
		body        string // part of it
	}{
		"throttled, in seconds":          {Fault{Status: 429, RetryAfter: "7"}, 429, "7", "application/fhir+json", `"code":"throttled"`},
		"throttled, as a date":           {Fault{Status: 429, RetryAfter: "Fri, 31 Dec 1999 23:59:59 GMT"}, 429, "Fri, 31 Dec 1999 23:59:59 GMT", "application/fhir+json", "OperationOutcome"},
		"throttled, in epoch ms":         {Fault{Status: 429, RetryAfter: "1795460886997"}, 429, "1795460886997", "application/fhir+json", "OperationOutcome"},
		"for a while":                    {Fault{Status: 503}, 503, "", "application/fhir+json", `"code":"transient"`},
		"for good":                       {Fault{Status: 403}, 403, "", "application/fhir+json", `"code":"processing"`},
		"a gateway's page instead of it": {Fault{HTML: true}, 200, "", "text/html; charset=utf-8", "<!DOCTYPE html>"},
		"a gateway's error":              {Fault{HTML: true, Status: 502, RetryAfter: "1"}, 502, "1", "text/html; charset=utf-8", "502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.fault.Kind = Kickoff
			s := serve(t, Options{Faults: []Fault{tc.fault}})
			a := s.get("/$export", async...).expect(t, tc.status)
			if a.Header.Get("Retry-After") != tc.retryAfter || a.Header.Get("Content-Type") != tc.contentType || !strings.Contains(a.body, tc.body) {
				t.Errorf("headers %v, body %s", a.Header, a.body)
			}
		})
	}
}

func TestFaultAtTheTokenEndpointIsAnOAuthError(t *testing.T) {
	s := guardedServer(t, Options{Faults: []Fault{{Kind: Token, Attempt: 1, Status: 503}}})
	if got := s.ask(s.claim()).expect(t, 503).token(t); got.Error != "temporarily_unavailable" {
		t.Errorf("error %q", got.Error)
	}
	s.ask(s.claim()).expect(t, http.StatusOK)
}

func TestFaultMeansOneAttemptOfAKindAndPath(t *testing.T) {
	s := serve(t, Options{Polls: 2, Faults: []Fault{
		{Kind: Kickoff, Match: "/Group/", Attempt: 2, Status: 500},
		{Kind: Status, Attempt: 2, Status: 501},
		{Kind: Manifest, Attempt: 1, Status: 502},
		{Kind: File, Match: "Patient-1"}, // no effect: keeps the next from it
		{Kind: File, Attempt: 1, Status: 503},
		{Kind: Delete, Status: 410},
		{Kind: Search, Match: "/Claim", Status: 504},
		{Kind: Discovery, Status: 505},
	}})
	s.get("/Group/all/$export", async...).expect(t, 202)
	s.get("/Group/old/$export", async...).expect(t, 202) // another path is counted on its own
	s.get("/Group/all/$export", async...).expect(t, 500)
	at := s.start("/$export", url.Values{"_type": {"Patient,Organization"}})
	for _, status := range []int{202, 501, 202, 502} {
		s.get(at).expect(t, status)
	}
	files := s.get(at).manifest(t).Output
	s.get(files[0].URL).expect(t, 503)
	s.get(files[0].URL).expect(t, 200)
	s.get(files[1].URL).expect(t, 200)
	s.do(http.MethodDelete, at, "").expect(t, 410)
	s.get("/Claim").expect(t, 504)
	s.get("/Patient").expect(t, 200)
	s.get("/metadata").expect(t, 505)
	s.SetFaults()
	s.get("/metadata").expect(t, 200)
}

func TestFaultClosesTheConnection(t *testing.T) {
	for name, fault := range map[string]Fault{
		"without an answer":     {Drop: true},
		"in a restart":          {Restart: KeepJobs},
		"in a restart for good": {Restart: LoseJobs},
	} {
		t.Run(name, func(t *testing.T) {
			fault.Kind, fault.Attempt = Manifest, 1
			s := serve(t, Options{Faults: []Fault{fault}})
			at := s.start("/$export", nil)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
			must(t, err)
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			if resp, err := client.Do(req); err == nil {
				_ = resp.Body.Close()
				t.Fatalf("an answer came: %s", resp.Status)
			}
			want := http.StatusOK
			if fault.Restart == LoseJobs {
				want = http.StatusNotFound
			}
			s.get(at).expect(t, want)
			if r := s.Requests()[1]; r.Status != 0 || r.Kind != Manifest {
				t.Errorf("the log has %+v", r)
			}
		})
	}
}

// eobFile is a server with one file, and what the file has.
func eobFile(t *testing.T, o Options, f Fault) (s *site, target, text string) {
	t.Helper()
	text = many(200)
	f.Kind, f.Attempt = File, 1
	o.Dir, o.Faults = folder(t, map[string]string{"eob.ndjson": text}), []Fault{f}
	s = serve(t, o)
	return s, s.export("/$export", nil).Output[0].URL, text
}

func TestFaultCutsABody(t *testing.T) {
	for name, tc := range map[string]struct {
		fault  Fault
		accept string
	}{
		"with a length":      {Fault{CutAt: 1000}, ""},
		"without a length":   {Fault{CutAt: 1000, Chunked: true}, ""},
		"in a gzip stream":   {Fault{CutAt: 100}, "gzip"},
		"after a first byte": {Fault{CutAt: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, target, _ := eobFile(t, Options{}, tc.fault)
			cut := s.get(target, "Accept-Encoding", tc.accept)
			if !errors.Is(cut.err, io.ErrUnexpectedEOF) || int64(len(cut.body)) != tc.fault.CutAt {
				t.Errorf("%d bytes and %v came", len(cut.body), cut.err)
			}
			if (cut.ContentLength < 0) != tc.fault.Chunked {
				t.Errorf("Content-Length %d", cut.ContentLength)
			}
			whole := s.get(target, "Accept-Encoding", tc.accept)
			if whole.err != nil || !strings.HasPrefix(whole.body, cut.body) {
				t.Errorf("then %v", whole.err)
			}
		})
	}
}

func TestFaultTruncatesAFile(t *testing.T) {
	for _, coding := range []string{"identity", "gzip"} {
		t.Run(coding, func(t *testing.T) {
			s, target, text := eobFile(t, Options{}, Fault{Truncate: 1000})
			short := s.get(target, "Accept-Encoding", coding)
			must(t, short.err)
			body := short.body
			if coding == "gzip" {
				body = gunzip(t, body)
			}
			if body != text[:1000] {
				t.Errorf("%d bytes came", len(body))
			}
			if whole := s.get(target, "Accept-Encoding", coding); whole.Header.Get("ETag") != short.Header.Get("ETag") || len(whole.body) <= len(short.body) {
				t.Error("the whole file is not known as the same")
			}
		})
	}
}

func TestFaultCorruptsGzip(t *testing.T) {
	for name, tc := range map[string]struct {
		corrupt Corruption
		chunked bool
	}{
		"in the middle":              {GzipBody, false},
		"in the checksum":            {GzipTrailer, false},
		"in the checksum, in chunks": {GzipTrailer, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, target, text := eobFile(t, Options{Chunked: tc.chunked}, Fault{Corrupt: tc.corrupt})
			a := s.get(target, "Accept-Encoding", "gzip")
			must(t, a.err)
			r, err := gzip.NewReader(strings.NewReader(a.body))
			must(t, err)
			got, err := io.ReadAll(r)
			if err == nil {
				t.Fatal("nothing is wrong with the stream")
			}
			if tc.corrupt == GzipTrailer && (!errors.Is(err, gzip.ErrChecksum) || string(got) != text) {
				t.Errorf("%v after %d bytes", err, len(got))
			}
			if again := s.get(target, "Accept-Encoding", "gzip"); gunzip(t, again.body) != text {
				t.Error("the kept copy was changed")
			}
		})
	}
}

func TestFaultCorruptsNoPlainFile(t *testing.T) {
	s, target, text := eobFile(t, Options{}, Fault{Corrupt: GzipBody})
	if s.get(target).body != text {
		t.Error("the file is another")
	}
}

// TestFaultDelays counts on no clock but that a delay is never shorter than asked for.
func TestFaultDelays(t *testing.T) {
	for name, fault := range map[string]Fault{
		"before the answer":   {Stall: 30 * time.Millisecond},
		"in the body":         {Stall: 30 * time.Millisecond, StallAt: 500},
		"all through the way": {Rate: 300_000},
	} {
		t.Run(name, func(t *testing.T) {
			s, target, text := eobFile(t, Options{}, fault)
			begin := time.Now()
			if a := s.get(target); a.err != nil || a.body != text {
				t.Errorf("%d bytes, %v", len(a.body), a.err)
			}
			if took := time.Since(begin); took < 30*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestFaultStallEndsWithTheClient(t *testing.T) {
	s, target, _ := eobFile(t, Options{}, Fault{Stall: time.Hour, StallAt: 10})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	must(t, err)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	first := make([]byte, 10)
	_, err = io.ReadFull(resp.Body, first)
	must(t, err)
	must(t, resp.Body.Close())
	s.get(target).expect(t, http.StatusOK) // and serve ends the server, which waits for its requests
}

func TestFaultExpiresFileURLs(t *testing.T) {
	for name, tc := range map[string]struct{ fault, status int }{
		"gone": {0, http.StatusGone}, "forbidden": {http.StatusForbidden, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{Faults: []Fault{{Kind: File, Match: "Patient", Attempt: 1, Expire: true, Status: tc.fault}}})
			at := s.start("/$export", url.Values{"_type": {"Organization,Patient"}})
			old := s.get(at).manifest(t).Output
			s.get(old[0].URL).expect(t, http.StatusOK)
			for _, i := range []int{1, 0, 1} {
				s.get(old[i].URL).expect(t, tc.status)
			}
			fresh := s.get(at).manifest(t).Output
			if got := s.ids(fresh); got != words(org, ada, bob) {
				t.Errorf("got %s", got)
			}
			s.get(old[0].URL).expect(t, tc.status)
		})
	}
}

func TestFaultExpiresTheToken(t *testing.T) {
	s := guardedServer(t, Options{Faults: []Fault{{Kind: File, Attempt: 1, ExpireToken: true}}})
	header := s.authorized("system/*.rs")
	f := s.export("/$export", url.Values{"_type": {"Organization"}}, header...).Output[0]
	s.get(f.URL, header...).expect(t, http.StatusUnauthorized)
	s.get(f.URL, header...).expect(t, http.StatusUnauthorized) // it stays expired
	s.get(f.URL, s.authorized("system/*.rs")...).expect(t, http.StatusOK)
}

func TestFaultRedirectsToAnotherHost(t *testing.T) {
	o := Options{Dir: folder(t, payer), Clients: []Client{{ID: "lake", JWKS: jwks(t)}}, NoToken: true}
	other := httptest.NewUnstartedServer(nil)
	o.Faults = []Fault{{Kind: File, Attempt: 1, Redirect: "http://" + other.Listener.Addr().String()}}
	s := serve(t, o)
	other.Config.Handler = s
	other.Start()
	defer other.Close()
	f := s.export("/$export", url.Values{"_type": {"Organization"}}, s.authorized("system/*.rs")...).Output[0]
	to := s.get(f.URL).expect(t, http.StatusTemporaryRedirect).Header.Get("Location")
	if !strings.HasPrefix(to, other.URL) {
		t.Fatalf("redirected to %s", to)
	}
	if s.get(to).expect(t, http.StatusOK).body != payer["Organization.ndjson"] {
		t.Error("the other host has another file")
	}
}

func TestFaultInTheManifest(t *testing.T) {
	s := serve(t, Options{Faults: []Fault{
		{Kind: Kickoff, Attempt: 1, Errors: []string{"one patient was left out", "another, too"}},
		{Kind: Manifest, Attempt: 1, Counts: 2},
		{Kind: Manifest, Attempt: 2, NoCounts: true},
		{Kind: Manifest, Attempt: 3, CutAt: 50},
	}})
	at := s.start("/$export", url.Values{"_type": {"Patient"}})
	if m := s.get(at).manifest(t); *m.Output[0].Count != 4 {
		t.Errorf("count %d", *m.Output[0].Count)
	}
	m := s.get(at).manifest(t)
	if m.Output[0].Count != nil {
		t.Errorf("count %d", *m.Output[0].Count)
	}
	if told := s.get(m.Error[0].URL).body; strings.Count(told, `"severity":"error"`) != 2 || !strings.Contains(told, "left out") {
		t.Errorf("told %s", told)
	}
	if cut := s.get(at); len(cut.body) != 50 || !errors.Is(cut.err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(cut.body), cut.err)
	}
}

// A body without length and chunks ends with its connection, whole or not.
func TestFaultEndsABodyWithItsConnection(t *testing.T) {
	for name, tc := range map[string]struct {
		fault Fault
		bytes int
	}{
		"whole": {Fault{Bare: true}, len(many(200))},
		"cut":   {Fault{Bare: true, CutAt: 1000}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			s, target, text := eobFile(t, Options{NoGzip: true}, tc.fault)
			got := s.get(target)
			if got.err != nil || got.body != text[:tc.bytes] || got.ContentLength >= 0 || len(got.TransferEncoding) > 0 || got.Header.Get("ETag") != "" {
				t.Errorf("%d bytes of %d, %v; length %d, %v", len(got.body), tc.bytes, got.err, got.ContentLength, got.TransferEncoding)
			}
		})
	}
}

func TestFaultSendsAPartOfAFile(t *testing.T) {
	for name, tc := range map[string]struct {
		header []string
		fault  Fault
		where  string // Content-Range
	}{
		"that nobody asked for":      {nil, Fault{Part: 100}, "bytes 0-99/"},
		"of the range":               {[]string{"Range", "bytes=50-"}, Fault{Part: 100}, "bytes 50-149/"},
		"of another version":         {[]string{"Range", "bytes=50-149", "If-Range", `"1"`}, Fault{Other: true}, "bytes 50-149/"},
		"of another version, to all": {nil, Fault{Other: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, target, text := eobFile(t, Options{NoGzip: true}, tc.fault)
			got := s.get(target, tc.header...)
			well := s.get(target)
			if isPart := got.StatusCode == http.StatusPartialContent; isPart != (tc.where != "") || !strings.HasPrefix(got.Header.Get("Content-Range"), tc.where) {
				t.Errorf("%d, %v", got.StatusCode, got.Header)
			}
			if isOther := got.Header.Get("ETag") != well.Header.Get("ETag"); isOther != tc.fault.Other || strings.Contains(text, got.body) == tc.fault.Other {
				t.Errorf("ETag %s and %s, body %s", got.Header.Get("ETag"), well.Header.Get("ETag"), got.body)
			}
		})
	}
}

func TestFaultOfASearchPage(t *testing.T) {
	lines := `{"resourceType":"Claim","id":"1"}` + "\n" + `{"resourceType":"Claim","id":"2"}` + "\n" + `{"resourceType":"Claim","id":"3"}` + "\n"
	for name, tc := range map[string]struct {
		fault Fault
		want  string
	}{
		"well":                 {Fault{}, "2 matches, total 3, next"},
		"a total that is more": {Fault{Total: 2}, "2 matches, total 5, next"},
		"matches left out":     {Fault{Missing: 1}, "1 matches, total 3, next"},
		"with an error":        {Fault{Outcome: "error"}, "1 matches, error, total 3, next"},
		"links in a circle":    {Fault{Loop: true}, "2 matches, total 3, loop"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.fault.Kind = Search
			s := serve(t, Options{Dir: folder(t, map[string]string{"claim.ndjson": lines}), Totals: true, PageMatches: 2, Faults: []Fault{tc.fault}})
			page := gjson.Parse(s.get("/Claim").expect(t, 200).body)
			got := fmt.Sprintf("%d matches, ", len(page.Get(`entry.#(search.mode=="match")#`).Array()))
			if severity := page.Get(`entry.#(search.mode=="outcome").resource.issue.0.severity`).Str; severity != "" {
				got += severity + ", "
			}
			got += fmt.Sprintf("total %d, ", page.Get("total").Int())
			switch next := page.Get(`link.#(relation=="next").url`).Str; {
			case strings.Contains(next, "_page="):
				got += "next"
			case next != "":
				got += "loop"
			}
			if got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestFaultOfAManifest(t *testing.T) {
	for name, tc := range map[string]struct {
		fault Fault
		isOk  func(m gjson.Result) bool
	}{
		"no output":         {Fault{NoOutput: true}, func(m gjson.Result) bool { return !m.Get("output").Exists() && m.Get("error").Exists() }},
		"links in a circle": {Fault{Loop: true}, func(m gjson.Result) bool { return strings.HasSuffix(m.Get(`link.#(relation=="next").url`).Str, "/1") }},
		"text of its own":   {Fault{Body: "<p>"}, func(m gjson.Result) bool { return !m.IsObject() }},
		"nothing":           {Fault{NoBody: true}, func(m gjson.Result) bool { return m.Raw == "" }},
	} {
		tc.fault.Kind = Manifest
		s := serve(t, Options{Faults: []Fault{tc.fault}})
		if body := s.get(s.start("/$export", nil)).expect(t, 200).body; !tc.isOk(gjson.Parse(body)) {
			t.Errorf("%s: %s", name, body)
		}
	}
}

package extract

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// hostile is a server that does with one request what a client must survive.
type hostile struct {
	answer func(w http.ResponseWriter, r *http.Request)
	// want is what the error says; "" where the client makes do with it.
	want string
	is   error // what the error wraps; nil: anything
}

// listing is a manifest with an output at each URL, and what else is given.
func listing(more string, urls ...string) string {
	var b strings.Builder
	b.WriteString(`{"transactionTime":"2026-01-01T00:00:00Z","requiresAccessToken":false,"output":[`)
	for i, u := range urls {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Patient","url":%q}`, u)
	}
	return b.String() + "]" + more + "}"
}

func says(status int, contentType, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		text(w, status, body)
	}
}

// endless writes piece until the client has gone.
func endless(piece string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
}

const login = "<!DOCTYPE html><html><title>Sign in SECRET</title></html>"

// toLogin redirects to a page that asks for a password.
func toLogin(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/login" {
		says(200, "text/html", login)(w, r)
		return
	}
	http.Redirect(w, r, "/login?from=SECRET", http.StatusFound)
}

// linked are manifest pages without end, or in a circle of so many.
func linked(circle int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		if n++; circle > 0 {
			n %= circle
		}
		text(w, 200, listing(fmt.Sprintf(`,"link":[{"relation":"next","url":"%s/status?page=%d"}]`, base, n), base+"/file"))
	}
}

// All pages of a manifest together have a limit, not only each.
func TestManifestPagesHaveALimitTogether(t *testing.T) {
	where := mustURL(t, base+"/status")
	small, err := parsePage([]byte(listing("", base+"/file")), where, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		before held
		want   string
	}{
		"nothing before":  {held{}, ""},
		"too many pages":  {held{pages: maxManifestPages}, "more than 10000 pages"},
		"too many bytes":  {held{bytes: maxAllBytes}, "more than 256 MiB of pages"},
		"too many files":  {held{files: maxAllFiles}, "more than 500000 files"},
		"just not enough": {held{maxManifestPages - 1, maxAllBytes - small.bytes, maxAllFiles - 1}, ""},
	} {
		ch := chain{held: tc.before, seen: map[string]bool{}}
		err := ch.take(small)
		if (err == nil) != (tc.want == "") || err != nil && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileManifests(t *testing.T) {
	many := make([]string, 100_000)
	for i := range many {
		many[i] = fmt.Sprintf("%s/files/%d?token=SECRET", base, i)
	}
	for name, tc := range map[string]hostile{
		"100,000 files":               {answer: says(200, "application/json", listing("", many...))},
		"an HTML page":                {says(200, "text/html", login), "not a manifest", nil},
		"a redirect to a login page":  {toLogin, "not a manifest", nil},
		"an empty body":               {says(200, "application/json", ""), "not a manifest", nil},
		"JSON that is no manifest":    {says(200, "application/json", `{"SECRET":1}`), "not a manifest", nil},
		"nesting without end":         {says(200, "application/json", strings.Repeat("[", 1<<20)), "not a manifest", nil},
		"a body without end":          {endless(strings.Repeat(" ", 1<<16)), "larger than allowed", ErrTooLarge},
		"pages in a circle":           {linked(3), "linked in a circle", nil},
		"a page that links to itself": {linked(1), "linked in a circle", nil},
		"pages without end":           {linked(0), "more than 10000 pages", ErrTooLarge},
		"a part of one":               {says(206, "application/json", listing("")), "a part, which was not asked for", nil},
		"no output":                   {says(200, "application/json", `{"transactionTime":"2026-01-01T00:00:00Z","requiresAccessToken":false,"error":[]}`), "the manifest has no output", errNoOutput},
		"a file of this machine":      {says(200, "application/json", listing("", "file:///etc/passwd")), "its URL is not one", nil},
		"a URL of another kind":       {says(200, "application/json", listing("", "gopher://h/SECRET")), "its URL is not one", nil},
		"a URL that is none":          {says(200, "application/json", listing("", "http://[SECRET")), "its URL is not one", nil},
		"redirects without end":       {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "?again=SECRET", http.StatusFound) }, "redirects without end", nil},
		"a redirect to a file of this machine": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, "not a web address", nil},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 200 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1<<16))
			}
			w.WriteHeader(200)
		}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, http.HandlerFunc(tc.answer), func(t *testing.T, c *Client) {
				m, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, 24*time.Hour, Watch{})
				if name == "headers without end" {
					tc.want = err.Error() // the words are net/http's
				}
				tc.check(t, err)
				if err == nil && (len(m.Output) != len(many) || m.Output[len(many)-1].Name != base+"/files/99999") {
					t.Errorf("%d files", len(m.Output))
				}
			})
		})
	}
}

func (h hostile) check(t *testing.T, err error) {
	t.Helper()
	switch {
	case (err == nil) != (h.want == "") || err != nil && !strings.Contains(err.Error(), h.want):
		t.Errorf("error %v, want %q", err, h.want)
	case h.is != nil && !errors.Is(err, h.is):
		t.Errorf("%v is not %v", err, h.is)
	case err != nil && strings.Contains(err.Error(), "SECRET"):
		t.Errorf("content in %v", err)
	}
}

// packed gives size bytes of the same line, compressed.
func packed(t *testing.T, encoding string, size int) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "zstd" {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	zeros := bytes.Repeat([]byte("x"), 1<<20)
	for ; size > 0; size -= len(zeros) {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func packedTwice(t *testing.T) string {
	return string(encode([]byte(packed(t, "gzip", 1)), "gzip", 1))
}

func encoded(encoding, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		text(w, 200, body)
	}
}

func TestHostileFiles(t *testing.T) {
	for name, tc := range map[string]hostile{
		"a gzip bomb":                     {encoded("gzip", packed(t, "gzip", 96<<20)), "it unpacks to more than 400 times its size", ErrTooLarge},
		"a zstd bomb":                     {encoded("zstd", packed(t, "zstd", 96<<20)), "it unpacks to more than 400 times its size", ErrTooLarge},
		"a body without end":              {endless(`{"resourceType":"Patient","id":"SECRET"}` + "\n"), "more than 83886080 bytes", ErrTooLarge},
		"a line without end":              {endless(strings.Repeat("SECRET", 1<<12)), "more than 83886080 bytes", ErrTooLarge},
		"a gzip that is none":             {encoded("gzip", login), "its compression is damaged", ErrDamaged},
		"an encoding of its own":          {encoded("secret", login), "its Content-Encoding is none that was asked for", nil},
		"a login page":                    {says(200, "text/html", login), "is there a gateway or a login page in between?", nil},
		"a redirect to a login page":      {toLogin, "is there a gateway or a login page in between?", nil},
		"an access page as ndjson":        {says(200, "application/fhir+ndjson", login+"\n"), "is there a gateway or a login page in between?", errMarkup},
		"an access page after a BOM":      {says(200, "application/fhir+ndjson", "\ufeff\r\n  "+login), "is there a gateway or a login page in between?", errMarkup},
		"an access page without end":      {endless(login + "\n"), "is there a gateway or a login page in between?", errHTML},
		"an error of an object store":     {says(200, "application/octet-stream", "<?xml version=\"1.0\"?>\n<Error><Code>SECRET</Code></Error>"), "HTML or XML", errMarkup},
		"an empty page":                   {says(200, "text/html", ""), "is there a gateway or a login page in between?", errHTML},
		"an OperationOutcome":             {says(200, "application/fhir+json", `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":"SECRET"}]}`), "issue processing: the answer is an OperationOutcome", errOutcome},
		"an OperationOutcome, indented":   {says(200, "application/fhir+json", "{\n  \"resourceType\": \"OperationOutcome\"\n}"), "one JSON document", errDocument},
		"a file that is compressed twice": {encoded("gzip", packedTwice(t)), "the answer is no text", errBinary},
		"UTF-16":                          {says(200, "application/fhir+ndjson", "{\x00}\x00\n\x00"), "the answer is no text", errBinary},
		"a list of resources":             {says(200, "application/json", "[\n{}\n]"), "one JSON document", errDocument},
		"a warning among resources":       {says(200, "application/fhir+ndjson", `{"resourceType":"OperationOutcome","issue":[{"severity":"warning"}]}`+"\n{}\n"), "", nil},
		"a first line that is broken":     {says(200, "application/fhir+ndjson", "{\"resourceType\n{}\n"), "", nil},
		"a range that was not asked":      {says(206, "application/fhir+ndjson", "{}\n"), "the answer is not a file", nil},
		"chunks of garbage":               {garbage, "connection failed", nil},
		"a status that does not exist":    {says(999, "text/plain", "SECRET"), "999", nil},
		"nothing at all":                  {says(204, "", ""), "the answer is not a file", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, http.HandlerFunc(tc.answer), func(t *testing.T, c *Client) {
				most := peak(func() {
					var err error
					b := NewBuffers(4)
					for p, e := range c.Download(typed(fileOf(base+"/file?token=SECRET", -1))).Pages(t.Context(), b) {
						if err = e; e == nil {
							b.Put(p)
						}
					}
					tc.check(t, err)
				})
				if most > 300<<20 {
					t.Errorf("%d MB are held", most>>20)
				}
			}, func(o *Options) { o.MaxFileBytes = 80 << 20 })
		})
	}
}

func typed(f File) File { f.Type = "Claim"; return f }

// garbage breaks the protocol in the middle of a chunk.
func garbage(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}\r\nSECRET")
	_ = conn.Close()
}

// peak is how much the heap grew by do, in bytes.
func peak(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.HeapSys - min(after.HeapSys, before.HeapSys)
}

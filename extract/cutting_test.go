package extract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// fault is what happens to one file request.
type fault string

const (
	fine     fault = "fine"
	cutOff   fault = "connection cut"
	stalls   fault = "connection stalls"
	refused  fault = "refused"                    // with a status
	tooShort fault = "ends early, as if all were" // undetectable by HTTP
	mangled  fault = "one byte is wrong"          // the checksum of gzip and zstd finds it
	dropped  fault = "closed without an answer"
	partly   fault = "a part of the range" // that was asked for
	another  fault = "the rest of another version"
	empty    fault = "no content"
	htmlPage fault = "an HTML page"
)

// plan is one file request's fault.
type plan struct {
	fault  fault
	at     int // bytes sent before it
	status int
}

// shaky serves a file as its plans say, one for each request, and well after.
type shaky struct {
	body     []byte
	encoding string // of the content
	ranges   bool   // with a strong ETag
	framing  string
	plans    []plan
	forever  bool // the last of the plans goes on
	requests int
}

// now is the plan of this request.
func (s *shaky) now() plan {
	s.requests++
	switch n := len(s.plans); {
	case s.requests <= n:
		return s.plans[s.requests-1]
	case n > 0 && s.forever:
		return s.plans[n-1]
	}
	return plan{fault: fine}
}

// ranged answers a request for the rest of the file as no server should, or with less
// than was asked for, as it may.
func (s *shaky) ranged(w http.ResponseWriter, r *http.Request, content []byte, p plan) bool {
	var at int
	n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &at)
	if !s.ranges || n != 1 || at >= len(content) || p.fault != partly && p.fault != another {
		return false
	}
	part, etag := content[at:], `"2"`
	if p.fault == partly {
		part, etag = part[:min(1+p.at, len(part))], `"1"`
	} else {
		part = bytes.Map(func(r rune) rune { return r ^ 1 }, part)[:len(part)]
	}
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, at+len(part)-1, len(content)))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = w.Write(part)
	return true
}

func (s *shaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := s.now()
	switch p.fault {
	case refused:
		w.WriteHeader(p.status)
		return
	case dropped:
		panic(http.ErrAbortHandler)
	case empty:
		w.WriteHeader(http.StatusNoContent)
		return
	case htmlPage:
		_, _ = io.WriteString(w, login)
		return
	default: // the file is sent, and something happens on the way
	}
	// Without ranges, another level: such servers pack again for each request.
	level := 1
	if !s.ranges {
		level += s.requests % 2 * 6
	}
	content := encode(s.body, s.encoding, level)
	if p.fault == mangled && len(content) > 0 {
		content[p.at%len(content)] ^= 0x20
	}
	if s.encoding != "" {
		w.Header().Set("Content-Encoding", s.encoding)
	}
	if s.ranged(w, r, content, p) {
		return
	}
	if s.framing == "none" {
		s.unframed(w, content, p)
		return
	}
	out := &faultyWriter{ResponseWriter: w, request: r, plan: p}
	if s.ranges {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(out, r, "x", time.Time{}, bytes.NewReader(content))
		return
	}
	if p.fault == tooShort {
		content = content[:min(p.at, len(content))]
	}
	if s.framing == "length" {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	}
	_, _ = out.Write(content)
}

// unframed answers like an HTTP/1.0 server: the body ends with the connection.
func (s *shaky) unframed(w http.ResponseWriter, content []byte, p plan) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close() //nolint:errcheck // it ends here
	if p.fault == cutOff || p.fault == stalls || p.fault == tooShort {
		content = content[:min(p.at, len(content))]
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.0 200 OK\r\nContent-Encoding: %s\r\n\r\n%s", s.encoding, content)
}

// faultyWriter sends so many bytes, and then what its plan says happens.
type faultyWriter struct {
	http.ResponseWriter
	request *http.Request
	plan    plan
}

func (f *faultyWriter) Write(p []byte) (int, error) {
	if f.plan.fault != cutOff && f.plan.fault != stalls || f.plan.at >= len(p) {
		f.plan.at -= len(p)
		return f.ResponseWriter.Write(p)
	}
	_, _ = f.ResponseWriter.Write(p[:f.plan.at])
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	if f.plan.fault == stalls {
		<-f.request.Context().Done() // until the client has had enough
	}
	panic(http.ErrAbortHandler)
}

func encode(body []byte, encoding string, level int) []byte {
	var b bytes.Buffer
	switch encoding {
	case "gzip":
		w, err := gzip.NewWriterLevel(&b, level)
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(body)
		_ = w.Close()
	case "zstd":
		w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(64<<10), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)))
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(body)
		_ = w.Close()
	default:
		b.Write(body)
	}
	return b.Bytes()
}

// drawBody draws NDJSON of up to some 30 KB that does not compress to nothing.
func drawBody(t *rapid.T) []byte {
	var b bytes.Buffer
	for i := range rapid.IntRange(0, 80).Draw(t, "lines") {
		fmt.Fprintf(&b, `{"resourceType":"Claim","id":"%d","note":"é %x"}`+"\n", i, uint64(i+1)*0x9E3779B97F4A7C15)
	}
	if rapid.IntRange(0, 9).Draw(t, "long line") == 0 {
		fmt.Fprintf(&b, `{"resourceType":"Claim","note":"%s"}`+"\n", bytes.Repeat([]byte("x"), 20_000))
	}
	body := b.Bytes()
	if rapid.Bool().Draw(t, "without a last newline") {
		body = bytes.TrimSuffix(body, []byte("\n"))
	}
	return body
}

func drawPlan(t *rapid.T) plan {
	return plan{
		fault:  rapid.SampledFrom([]fault{cutOff, cutOff, cutOff, stalls, refused, tooShort, mangled, dropped, dropped, partly, partly, another, empty, htmlPage}).Draw(t, "fault"),
		at:     rapid.IntRange(0, 9_000).Draw(t, "at"),
		status: rapid.SampledFrom([]int{408, 429, 500, 502, 503}).Draw(t, "status"),
	}
}

// Whatever happens to the connections, once or for ever, the bytes obtained are the bytes
// served, or an error or a problem says otherwise.
func TestBytesObtainedAreTheBytesServed(t *testing.T) {
	buffers := NewBuffers(1)
	rapid.Check(t, func(r *rapid.T) {
		s := &shaky{
			body:     drawBody(r),
			encoding: rapid.SampledFrom([]string{"", "gzip", "zstd"}).Draw(r, "encoding"),
			framing:  rapid.SampledFrom([]string{"length", "chunked", "none"}).Draw(r, "framing"),
			plans:    rapid.SliceOfN(rapid.Custom(drawPlan), 0, 5).Draw(r, "plans"),
		}
		s.forever = rapid.IntRange(0, 2).Draw(r, "for ever") == 0
		s.ranges = s.framing != "none" && rapid.Bool().Draw(r, "ranges")
		lines := int64(bytes.Count(s.body, newline))
		if len(s.body) > 0 && !bytes.HasSuffix(s.body, newline) {
			lines++
		}
		if rapid.IntRange(0, 3).Draw(r, "no count") == 0 {
			lines = -1
		}
		var got []byte
		var transfer Transfer
		var err error
		bubble(t, s, func(t *testing.T, c *Client) {
			d := c.Download(fileOf(base+"/x?sig=secret", lines))
			got, err = collect(t, d, buffers)
			transfer = d.Transfer()
		})
		switch {
		case err != nil && bytes.Contains([]byte(err.Error()), []byte("secret")):
			r.Fatalf("the error shows the link's query: %v", err)
		case err != nil && s.kind():
			r.Fatalf("an error where trying again helps: %v", err)
		case s.kind() && !bytes.HasPrefix(s.body, got):
			r.Fatal("bytes came that were not served")
		case s.deaf(lines >= 0):
		case err == nil && len(transfer.Problems) == 0 && transfer.Short == "" && !bytes.Equal(got, s.body):
			r.Fatalf("%d bytes of %d were taken for whole: %+v", len(got), len(s.body), transfer)
		}
	})
}

// deaf reports whether bytes were changed in a way that nothing can notice.
func (s *shaky) deaf(counted bool) bool {
	for _, p := range s.plans {
		if p.fault == tooShort && s.framing != "none" && s.encoding == "" && !counted {
			return true
		}
		if p.fault == mangled && s.encoding != "gzip" {
			return true // zstd has no checksum of its header, and plain text none at all
		}
	}
	return false
}

// kind reports whether each fault passes.
func (s *shaky) kind() bool {
	for _, p := range s.plans {
		if p.fault == tooShort || p.fault == mangled || p.fault == empty || p.fault == htmlPage {
			return false
		}
	}
	return s.framing != "none" && !s.forever
}

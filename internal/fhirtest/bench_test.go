package fhirtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkDownload fetches a file of 64 MiB over loopback, as a client's
// download does. It says how fast a client can be told to be on this server.
func BenchmarkDownload(b *testing.B) {
	line := `{"resourceType":"ExplanationOfBenefit","id":"e1","note":"` + strings.Repeat("0123456789 abcdef ", 1000) + "\"}\n"
	s, err := New(Options{Dir: folder(b, map[string]string{"eob.ndjson": strings.Repeat(line, 64<<20/len(line))})})
	must(b, err)
	web := httptest.NewServer(s)
	defer func() {
		web.Close()
		must(b, s.Close())
	}()
	at := &site{s, b, web.URL, http.DefaultTransport}
	f := at.export("/$export", nil).Output[0]
	for _, coding := range []string{"identity", "gzip"} {
		b.Run(coding, func(b *testing.B) {
			for b.Loop() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, f.URL, nil)
				must(b, err)
				req.Header.Set("Accept-Encoding", coding)
				resp, err := http.DefaultClient.Do(req)
				must(b, err)
				n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, make([]byte, 1<<20))
				must(b, err)
				must(b, resp.Body.Close())
				b.SetBytes(n)
			}
		})
	}
}

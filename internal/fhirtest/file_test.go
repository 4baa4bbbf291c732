package fhirtest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// many is a file of EOBs that is worth splitting.
func many(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"resourceType":"ExplanationOfBenefit","id":"m%d","patient":{"reference":"Patient/p%d"},"note":"%s"}`+"\n", i, i%7, strings.Repeat("é", i%50))
	}
	return text.String()
}

func gunzip(t testing.TB, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	must(t, err)
	raw, err := io.ReadAll(r)
	must(t, err)
	return string(raw)
}

func pack(t testing.TB, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	return packed.String()
}

func TestFilesSplitATypeAtLines(t *testing.T) {
	text := many(300)
	const middle = `{"resourceType":"ExplanationOfBenefit","id":"m99"`
	early, late, _ := strings.Cut(text, middle)
	late = middle + late
	for name, tc := range map[string]struct {
		files      map[string]string
		parameters url.Values
	}{
		"as it is":                  {map[string]string{"eob.ndjson": text}, nil},
		"from two files":            {map[string]string{"a.ndjson": early, "b.ndjson": late}, nil},
		"from a compressed file":    {map[string]string{"eob.ndjson.gz": pack(t, text)}, nil},
		"without a last line break": {map[string]string{"eob.ndjson": strings.TrimSuffix(text, "\n")}, nil},
		"filtered":                  {map[string]string{"eob.ndjson": text}, url.Values{"_since": {"2024-01-01T00:00:00Z"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{Dir: folder(t, tc.files), FileBytes: 4000})
			m := s.export("/$export", tc.parameters)
			var got strings.Builder
			for _, f := range m.Output {
				a := s.get(f.URL).expect(t, http.StatusOK)
				if len(a.body) > 4000 || strings.Count(strings.TrimSuffix(a.body, "\n"), "\n")+1 != *f.Count {
					t.Errorf("%d bytes, count %d", len(a.body), *f.Count)
				}
				got.WriteString(a.body)
			}
			if strings.TrimSuffix(got.String(), "\n") != strings.TrimSuffix(text, "\n") || len(m.Output) < 5 {
				t.Errorf("%d files do not make the whole", len(m.Output))
			}
		})
	}
}

func TestFileRanges(t *testing.T) {
	s := serve(t, Options{Dir: folder(t, map[string]string{"eob.ndjson": many(50)}), FileBytes: 2000})
	target := s.export("/$export", nil).Output[1].URL
	for _, coding := range []string{"identity", "gzip"} {
		t.Run(coding, func(t *testing.T) {
			s.t = t
			whole := s.get(target, "Accept-Encoding", coding).expect(t, http.StatusOK)
			tag := whole.Header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) || whole.Header.Get("Accept-Ranges") != "bytes" || whole.ContentLength != int64(len(whole.body)) {
				t.Errorf("headers %v", whole.Header)
			}
			rest := s.get(target, "Accept-Encoding", coding, "Range", "bytes=100-", "If-Range", tag).expect(t, http.StatusPartialContent)
			if rest.body != whole.body[100:] || rest.ContentLength != int64(len(rest.body)) {
				t.Error("the rest is not the rest")
			}
			other := s.get(target, "Accept-Encoding", coding, "Range", "bytes=100-", "If-Range", `"other"`).expect(t, http.StatusOK)
			if other.body != whole.body {
				t.Error("another version's range was served")
			}
			s.get(target, "Accept-Encoding", coding, "Range", "bytes=9999999-").expect(t, http.StatusRequestedRangeNotSatisfiable)
			s.get(target, "Accept-Encoding", coding, "If-None-Match", tag).expect(t, http.StatusNotModified)
			head := s.do(http.MethodHead, target, "", "Accept-Encoding", coding).expect(t, http.StatusOK)
			if head.ContentLength != whole.ContentLength || head.Header.Get("ETag") != tag {
				t.Error("HEAD differs")
			}
		})
	}
}

func TestFileCoding(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		accept  string
		gzip    bool
	}{
		"gzip":                    {Options{}, "br, gzip;q=0.5", true},
		"none":                    {Options{}, "", false},
		"gzip is refused":         {Options{}, "gzip;q=0, identity", false},
		"gzip is off":             {Options{NoGzip: true}, "gzip", false},
		"chunked gzip":            {Options{Chunked: true}, "gzip", true},
		"chunked, without ranges": {Options{Chunked: true}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, tc.options)
			target := s.export("/$export", url.Values{"_type": {"Patient"}}).Output[0].URL
			a := s.get(target, "Accept-Encoding", tc.accept, "Range", "bytes=0-")
			body := a.body
			if coded := a.Header.Get("Content-Encoding") == "gzip"; coded != tc.gzip {
				t.Fatalf("gzip: %v", coded)
			} else if coded {
				body = gunzip(t, body)
			}
			if body != payer["Patient.ndjson"] || a.Header.Get("Content-Type") != "application/fhir+ndjson" {
				t.Errorf("got %s", body)
			}
			bare := a.ContentLength < 0 && a.Header.Get("ETag") == "" && a.Header.Get("Accept-Ranges") == "" && a.StatusCode == http.StatusOK
			if bare != tc.options.Chunked {
				t.Errorf("status %d, headers %v", a.StatusCode, a.Header)
			}
		})
	}
}

func TestFileURLsAreSecretsWithoutToken(t *testing.T) {
	s := guardedServer(t, Options{NoToken: true})
	header := s.authorized("system/*.read")
	m := s.export("/$export", nil, header...)
	if m.RequiresAccessToken {
		t.Error("requiresAccessToken is true")
	}
	s.get(m.Output[0].URL).expect(t, http.StatusOK)
	s.get(m.Output[0].URL, header...).expect(t, http.StatusBadRequest)
}

func TestFileOfChangedDataIsGone(t *testing.T) {
	s := serve(t, Options{})
	f := s.export("/$export", url.Values{"_type": {"Organization"}}).Output[0]
	path := filepath.Join(s.options.Dir, "Organization.ndjson")
	must(t, os.WriteFile(path, []byte(`{"resourceType":"Organization","id":"o1"}`+"\n"+`{"resourceType":"Organization","id":"o2"}`+"\n"), 0o600))
	s.get(f.URL).expect(t, http.StatusGone)
	if got := s.ids(s.export("/$export", url.Values{"_type": {"Organization"}}).Output); got != "Organization/o1 Organization/o2" {
		t.Errorf("the next export has %s", got)
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	s := serve(t, Options{})
	s.export("/$export", nil)
	s.get("/files/x/0/Patient-1.ndjson").expect(t, http.StatusNotFound)
	s.get("/files/"+s.Exports()[0].ID+"/0/Patient-9.ndjson").expect(t, http.StatusNotFound)
	s.get("/files/"+s.Exports()[0].ID+"/1/Patient-1.ndjson").expect(t, http.StatusGone)
}

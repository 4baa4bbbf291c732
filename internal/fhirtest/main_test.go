package fhirtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// payer is a small payer: two patients with a claim each, and what claims refer to.
var payer = map[string]string{
	"Patient.ndjson": `{"resourceType":"Patient","id":"ada","meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"birthDate":"1931-05-01","_birthDate":{"id":"b"},"gender":"female"}
{"id":"bob","resourceType":"Patient","meta":{"lastUpdated":"2024-03-01T00:00:00Z","tag":[{"code":"x"}]},"birthDate":"1950"}
`,
	"eobs.ndjson": `{"resourceType":"ExplanationOfBenefit","id":"e1","meta":{"lastUpdated":"2024-01-02T00:00:00Z"},"status":"active","patient":{"reference":"Patient/ada"},"billablePeriod":{"start":"2023-12-30","end":"2024-01-01"},"type":{"coding":[{"system":"http://t","code":"pharmacy"}]},"total":1.10}
{"resourceType":"ExplanationOfBenefit","id":"e2","meta":{"lastUpdated":"2024-03-02T00:00:00Z"},"status":"cancelled","patient":{"reference":"https://payer.example/Patient/bob/_history/2"},"billablePeriod":{"start":"2024-02-28"},"type":{"coding":[{"system":"http://t","code":"oral"}]}}
{"resourceType":"ExplanationOfBenefit","id":"e3","status":"active","patient":{"reference":"urn:uuid:ada"}}
`,
	"Organization.ndjson": `{"resourceType":"Organization","id":"o1"}
`,
	"Group.ndjson": `{"resourceType":"Group","id":"old","member":[{"entity":{"reference":"Patient/ada"}}]}
`,
	"deleted.ndjson": `{"resourceType":"Bundle","type":"transaction","timestamp":"2024-02-01T00:00:00Z","entry":[{"request":{"method":"DELETE","url":"ExplanationOfBenefit/e0"}},{"request":{"method":"DELETE","url":"Patient/cyd"}}]}
`,
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// site is a server that listens.
type site struct {
	*Server
	t   testing.TB
	url string
	way http.RoundTripper // to it
}

// direct answers without a network, for tests with very many requests.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func serve(t testing.TB, o Options) *site {
	t.Helper()
	if o.Dir == "" {
		o.Dir = folder(t, payer)
	}
	s, err := New(o)
	must(t, err)
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		web.Close()
		must(t, s.Close())
	})
	// Without transparent gzip, and without kept connections, on which net/http
	// sends a request again when they are closed: the test sees what was sent.
	return &site{s, t, web.URL, &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
	err  error // of the body
}

func (s *site) do(method, target, body string, header ...string) answer {
	s.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = s.url + target
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	must(s.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{
		Transport:     s.way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	must(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return answer{resp, string(raw), err}
}

func (s *site) get(target string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, target, "", header...)
}

// expect checks a status.
func (a answer) expect(t testing.TB, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	return a
}

// start kicks an export off by GET and returns its status URL.
func (s *site) start(path string, parameters url.Values, header ...string) string {
	s.t.Helper()
	a := s.get(path+"?"+parameters.Encode(), append([]string{"Prefer", "respond-async", "Accept", fhirJSON}, header...)...)
	return a.expect(s.t, http.StatusAccepted).Header.Get("Content-Location")
}

func (a answer) manifest(t testing.TB) manifest {
	t.Helper()
	var m manifest
	must(t, json.Unmarshal([]byte(a.expect(t, http.StatusOK).body), &m))
	return m
}

// export runs an export to its end and returns its manifest.
func (s *site) export(path string, parameters url.Values, header ...string) manifest {
	s.t.Helper()
	at := s.start(path, parameters, header...)
	for range s.options.Polls {
		s.get(at, header...).expect(s.t, http.StatusAccepted)
	}
	return s.get(at, header...).manifest(s.t)
}

// ids fetches the files and returns type/id of their resources, in order.
func (s *site) ids(files []manifestFile, header ...string) string {
	s.t.Helper()
	var ids []string
	for _, f := range files {
		a := s.get(f.URL, header...).expect(s.t, http.StatusOK)
		got := strings.Split(strings.TrimSuffix(a.body, "\n"), "\n")
		if len(got) != *f.Count {
			s.t.Errorf("%s has %d lines, the manifest says %d", f.URL, len(got), *f.Count)
		}
		for _, line := range got {
			var r struct{ ResourceType, ID string }
			must(s.t, json.Unmarshal([]byte(line), &r))
			if f.Type != "" && f.Type != r.ResourceType {
				s.t.Errorf("a %s in a file of %s", r.ResourceType, f.Type)
			}
			ids = append(ids, r.ResourceType+"/"+r.ID)
		}
	}
	return strings.Join(ids, " ")
}

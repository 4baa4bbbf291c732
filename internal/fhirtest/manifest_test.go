package fhirtest

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name, where {base} and {id} stand for the server's URL and the export's id.
func (s *site) golden(name, got string) {
	s.t.Helper()
	for _, e := range s.Exports() {
		got = strings.ReplaceAll(got, e.ID, "{id}")
	}
	got = strings.ReplaceAll(got, s.url, "{base}")
	var v any
	must(s.t, json.Unmarshal([]byte(got), &v))
	pretty, err := json.MarshalIndent(v, "", "  ")
	must(s.t, err)
	path := filepath.Join("testdata", name)
	if *update {
		must(s.t, os.WriteFile(path, append(pretty, '\n'), 0o600))
	}
	want, err := os.ReadFile(path)
	must(s.t, err)
	if diff := cmp.Diff(string(want), string(pretty)+"\n"); diff != "" {
		s.t.Error(diff)
	}
}

func TestManifestOfEachVersion(t *testing.T) {
	for _, v := range []string{"stu1", "stu2", "stu3", "stu4"} {
		t.Run(v, func(t *testing.T) {
			s := serve(t, Options{Version: v, Faults: []Fault{{Kind: Kickoff, Errors: []string{"one patient was left out"}}}})
			s.SetNow(func() time.Time { return time.Date(2024, 5, 1, 12, 0, 0, 123456789, time.UTC) })
			method, path, body := "GET", "/$export?_since=2024-01-01T00%3A00%3A00Z", ""
			if v == "stu4" {
				method, path, body = "POST", "/$export", `{"resourceType":"Parameters","parameter":[{"name":"_since","valueInstant":"2024-01-01T00:00:00Z"}]}`
			}
			at := s.do(method, path, body, async...).expect(t, http.StatusAccepted).Header.Get("Content-Location")
			s.golden("manifest-"+v+".json", s.get(at).expect(t, http.StatusOK).body)
		})
	}
}

func TestManifestOfNothing(t *testing.T) {
	s := serve(t, Options{})
	a := s.get(s.start("/$export", url.Values{"_type": {"Claim"}})).expect(t, http.StatusOK)
	if !strings.Contains(a.body, `"output":[]`) || !strings.Contains(a.body, `"error":[]`) || strings.Contains(a.body, "deleted") {
		t.Errorf("got %s", a.body)
	}
}

func TestManifestDeleted(t *testing.T) {
	s := serve(t, Options{})
	for name, tc := range map[string]struct {
		parameters url.Values
		want       string // in the deleted file
	}{
		"since before":  {url.Values{"_since": {"2024-01-01T00:00:00Z"}}, "ExplanationOfBenefit/e0 Patient/cyd"},
		"since after":   {url.Values{"_since": {"2024-02-01T00:00:00Z"}}, ""},
		"until before":  {url.Values{"_since": {"2024-01-01T00:00:00Z"}, "_until": {"2024-01-31T00:00:00Z"}}, ""},
		"of one type":   {url.Values{"_since": {"2024-01-01T00:00:00Z"}, "_type": {"Patient"}}, "Patient/cyd"},
		"of other type": {url.Values{"_since": {"2024-01-01T00:00:00Z"}, "_type": {"Claim"}}, ""},
		"no since":      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			var got []string
			for _, f := range s.export("/$export", tc.parameters).Deleted {
				var bundle struct {
					Type  string
					Entry []struct{ Request struct{ Method, URL string } }
				}
				must(t, json.Unmarshal([]byte(s.get(f.URL).expect(t, http.StatusOK).body), &bundle))
				for _, entry := range bundle.Entry {
					if bundle.Type != "transaction" || entry.Request.Method != "DELETE" {
						t.Errorf("got %+v", bundle)
					}
					got = append(got, entry.Request.URL)
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}

func TestManifestInPages(t *testing.T) {
	s := serve(t, Options{PageFiles: 2, Polls: 1})
	all := s.export("/$export", nil)
	if len(all.Output) != 4 || len(all.Link) != 0 {
		t.Errorf("a client that allows no pages got %d files and %v", len(all.Output), all.Link)
	}
	at := s.start("/$export", url.Values{"allowPartialManifests": {"true"}})
	early := s.get(at).expect(t, http.StatusAccepted)
	var partial manifest
	must(t, json.Unmarshal([]byte(early.body), &partial))
	s.get(at+"/2").expect(t, http.StatusNotFound)
	first := s.get(at).manifest(t)
	if len(partial.Link) != 0 || !cmp.Equal(partial.Output, first.Output) || len(first.Link) != 1 || first.Link[0].Relation != "next" {
		t.Errorf("first page %+v, before %+v", first, partial)
	}
	second := s.get(first.Link[0].URL).manifest(t)
	if len(second.Link) != 0 || second.TransactionTime != first.TransactionTime {
		t.Errorf("second page %+v", second)
	}
	if got, want := s.ids(append(first.Output, second.Output...)), s.ids(all.Output); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.get(at+"/3").expect(t, http.StatusNotFound)
	s.get(at+"/x").expect(t, http.StatusNotFound)
}

// While the export runs, a client that allows it gets the pages that are ready, which
// later change only by their link, and no file of the others.
func TestManifestOfARunningExport(t *testing.T) {
	s := serve(t, Options{PageFiles: 1, Polls: 4, RetryAfter: "7"})
	at := s.start("/$export", url.Values{"allowPartialManifests": {"true"}})
	pages := map[string]manifest{} // as they were first seen, by URL
	var all []manifestFile
	for range 5 {
		for next, status := at, 0; next != ""; {
			a := s.get(next)
			if status != 0 && a.StatusCode != status {
				t.Errorf("a page answers %d, the status URL %d", a.StatusCode, status)
			}
			status = a.StatusCode
			var m manifest
			must(t, json.Unmarshal([]byte(a.body), &m))
			link := m.Link
			m.Link = nil
			if seen, ok := pages[next]; ok && status != http.StatusOK && !cmp.Equal(seen, m) {
				t.Errorf("page %s was %+v and is %+v", next, seen, m)
			} else if !ok {
				all = append(all, m.Output...)
			}
			pages[next] = m
			for _, f := range m.Output {
				s.get(f.URL).expect(t, http.StatusOK)
			}
			next = ""
			if len(link) > 0 {
				next = link[0].URL
			}
			if status == http.StatusAccepted && a.Header.Get("Retry-After") != "7" {
				t.Error("no Retry-After")
			}
			if status == http.StatusAccepted && next == "" {
				hidden := s.exports[s.sequence[0]].output[len(all)].name
				s.get(strings.Replace(all[0].URL, all[0].URL[strings.LastIndex(all[0].URL, "/")+1:], hidden, 1)).expect(t, http.StatusNotFound)
			}
		}
	}
	if len(all) != 4 || len(pages) != 4 {
		t.Errorf("%d files on %d pages", len(all), len(pages))
	}
	if got := s.ids(all); got != s.ids(s.export("/$export", nil).Output) {
		t.Errorf("got %s", got)
	}
}

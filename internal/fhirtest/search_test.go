package fhirtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

type searchset struct {
	Type  string
	Link  []struct{ Relation, URL string }
	Entry []struct {
		FullURL  string
		Resource struct{ ID string }
	}
}

func (a answer) searchset(t testing.TB) (set searchset, next string) {
	t.Helper()
	must(t, json.Unmarshal([]byte(a.expect(t, http.StatusOK).body), &set))
	for _, link := range set.Link {
		if link.Relation == "next" {
			next = link.URL
		}
	}
	return set, next
}

func TestSearchGoesThroughPages(t *testing.T) {
	more := `{"resourceType":"ExplanationOfBenefit","id":"e4"}` + "\n\n" + `{"resourceType":"ExplanationOfBenefit","id":"e5"}`
	files := map[string]string{"more.ndjson": more}
	for name, text := range payer {
		files[name] = text
	}
	s := serve(t, Options{Dir: folder(t, files)})
	for name, tc := range map[string]struct {
		query string
		pages string
	}{
		"all at once":                   {"", "e1,e2,e3,e4,e5"},
		"two at a time":                 {"_count=2", "e1,e2 e3,e4 e5"},
		"changed since":                 {"_lastUpdated=ge2024-02-01&_count=1", "e2"},
		"by status":                     {"status=active&_count=1", "e1 e3"},
		"exactly full":                  {"_count=5", "e1,e2,e3,e4,e5"},
		"nothing":                       {"_id=x", ""},
		"a page is never over the most": {"_count=5000", "e1,e2,e3,e4,e5"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			var pages []string
			for next := "/ExplanationOfBenefit?" + tc.query; next != ""; {
				var set searchset
				set, next = s.get(next).searchset(t)
				var ids []string
				for _, entry := range set.Entry {
					if entry.FullURL != s.url+"/ExplanationOfBenefit/"+entry.Resource.ID {
						t.Errorf("fullUrl %s", entry.FullURL)
					}
					ids = append(ids, entry.Resource.ID)
				}
				pages = append(pages, strings.Join(ids, ","))
			}
			if got := strings.Join(pages, " "); got != tc.pages {
				t.Errorf("got %s, want %s", got, tc.pages)
			}
		})
	}
}

func TestSearchRefuses(t *testing.T) {
	s := serve(t, Options{})
	for target, status := range map[string]int{
		"/Patient?_count=0":           http.StatusBadRequest,
		"/Patient?_page=x":            http.StatusBadRequest,
		"/Patient?_page=LTEuMA":       http.StatusBadRequest, // -1.0
		"/Patient?name=Ada":           http.StatusBadRequest,
		"/Patient?birthdate=lately":   http.StatusBadRequest,
		"/Patient?_lastUpdated=%zz":   http.StatusBadRequest,
		"/favicon.ico":                http.StatusNotFound,
		"/Claim":                      http.StatusOK, // known to FHIR, but none is here
		"/Patient?_page=OTk5Ljk5OTk5": http.StatusOK, // past the end
	} {
		t.Run(target, func(t *testing.T) {
			s.t = t
			s.get(target).expect(t, status)
		})
	}
	s.t = t
	if set, _ := s.get("/Patient?name=Ada", "Prefer", "handling=lenient").searchset(t); len(set.Entry) != 2 {
		t.Errorf("got %+v", set)
	}
}

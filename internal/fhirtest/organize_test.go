package fhirtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// block is a resource block as a client sees it: the patient of the header and what follows.
func (s *site) blocks(m manifest) (headers []string, members map[string][]string) {
	s.t.Helper()
	members = map[string][]string{}
	for _, f := range m.Output {
		patient := ""
		for line := range strings.Lines(s.get(f.URL).expect(s.t, http.StatusOK).body) {
			if _, reference, ok := strings.Cut(line, `"valueReference":{"reference":"`); ok {
				patient = strings.TrimSuffix(strings.TrimSpace(reference), `"}}],"resourceType":"Parameters"}`)
				patient, _, _ = strings.Cut(patient, `"`)
				headers = append(headers, patient)
				continue
			}
			if patient == "" {
				s.t.Fatalf("%s does not begin with a header", f.URL)
			}
			members[patient] = append(members[patient], strings.TrimSpace(line))
		}
	}
	return headers, members
}

func TestOutputOrganizedByPatient(t *testing.T) {
	for name, tc := range map[string]struct {
		bytes   int64
		headers string
		files   int
	}{
		"in one file":           {0, words(ada, bob), 1},
		"a block in many files": {150, words(ada, ada, ada, bob, bob), 5},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{FileBytes: tc.bytes})
			m := s.export("/Patient/$export", url.Values{"organizeOutputBy": {"Patient"}})
			if m.OutputOrganizedBy != "Patient" || len(m.Output) != tc.files {
				t.Errorf("manifest %+v", m)
			}
			headers, members := s.blocks(m)
			if strings.Join(headers, " ") != tc.headers {
				t.Errorf("headers %v", headers)
			}
			if len(members[ada]) != 3 || len(members[bob]) != 2 || !strings.Contains(members[bob][0], `"resourceType":"Patient"`) {
				t.Errorf("blocks %v", members)
			}
			for i, f := range m.Output {
				if f.Type != "" {
					t.Errorf("file %d has the type %s", i, f.Type)
				}
				if goesOn := i+1 < len(headers) && headers[i] == headers[i+1]; goesOn != (f.ContinuesInFile != "") || goesOn && f.ContinuesInFile != m.Output[i+1].URL {
					t.Errorf("file %d goes on in %q", i, f.ContinuesInFile)
				}
			}
		})
	}
}

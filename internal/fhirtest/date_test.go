package fhirtest

import (
	"strings"
	"testing"
)

func TestDatesCompareAsIntervals(t *testing.T) {
	for name, tc := range map[string]struct {
		resource string // a date, or from..to
		holds    string // searches that match
		fails    string
	}{
		"a day":            {"2024-03-01", "eq2024-03-01 eq2024-03 eq2024 ge2024-03-01 le2024-03-01 gt2024-02 lt2024-04 sa2024-02 eb2024-04 ne2023", "eq2024-03-02 gt2024-03-01 lt2024-03-01 sa2024-03-01 eb2024-03-01 ne2024"},
		"a year":           {"2024", "eq2024 ge2024-06-01 le2024-06-01 gt2024-06-01 lt2024-06-01", "eq2024-06 sa2024-06 eb2024-06 ge2025 le2023"},
		"an instant":       {"2024-03-01T00:30:00.5+02:00", "eq2024-02-29 eq2024-02-29T22:30:00.5Z lt2024-03-01", "eq2024-03-01 ge2024-03-01 eq2024-02-29T22:30:01Z"},
		"a minute":         {"2024-03-01T10:15Z", "eq2024-03-01T10:15Z le2024-03-01T10:15:30Z", "eq2024-03-01T10:16Z"},
		"without offset":   {"2024-03-01T10:15:00", "eq2024-03-01T10:15:00Z", "eq2024-03-01T10:15:00+01:00"},
		"a period":         {"2024-01-30..2024-02-02", "eq2024 ge2024-02-01 le2024-01-31 ne2024-02", "eq2024-02 sa2024-01 eb2024-02"},
		"an open period":   {"2024-01-30..", "ge2030 sa2024-01-29 ne2024", "eq2024 eb2030 lt2024-01-30"},
		"only a known end": {"..2024-01-30", "le2000 eb2024-01-31 ne2024", "eq2024 sa2000 gt2024-01-30"},
	} {
		t.Run(name, func(t *testing.T) {
			from, to, period := strings.Cut(tc.resource, "..")
			if !period {
				to = from
			}
			line := []byte(`{"billablePeriod":{"start":"` + from + `","end":"` + to + `"}}`)
			for want, searches := range map[bool]string{true: tc.holds, false: tc.fails} {
				for _, search := range strings.Fields(searches) {
					holds, err := searchParameters["service-date"](search)
					must(t, err)
					if holds(line) != want {
						t.Errorf("%s %s: %v", tc.resource, search, !want)
					}
				}
			}
		})
	}
}

func TestPatientReferences(t *testing.T) {
	for reference, want := range map[string]string{
		"Patient/p1": "p1", "p1": "p1", "urn:uuid:p1": "p1", "https://a.example/fhir/Patient/p1": "p1",
		"Patient/p1/_history/4": "p1", "Group/p1": "", "https://a.example/Group/p1": "", "": "",
	} {
		if got := patientID(reference); got != want {
			t.Errorf("%q: got %q, want %q", reference, got, want)
		}
	}
}

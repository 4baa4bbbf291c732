package fhirtest

import (
	"net/http"
	"net/url"
	"testing"
)

func TestElementsCutAndTag(t *testing.T) {
	const tag = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`
	s := serve(t, Options{})
	for name, tc := range map[string]struct{ elements, resource, want string }{
		"with a primitive's extension": {"birthDate", "Patient",
			`{"resourceType":"Patient","id":"ada","birthDate":"1931-05-01","_birthDate":{"id":"b"},"meta":{"lastUpdated":"2024-01-01T00:00:00Z","tag":[` + tag + `]}}` + "\n" +
				`{"id":"bob","resourceType":"Patient","birthDate":"1950","meta":{"lastUpdated":"2024-03-01T00:00:00Z","tag":[{"code":"x"},` + tag + `]}}` + "\n"},
		"without meta":           {"id", "Organization", `{"resourceType":"Organization","id":"o1","meta":{"tag":[` + tag + `]}}` + "\n"},
		"of another type only":   {"Patient.id", "Organization", payer["Organization.ndjson"]},
		"of its type and of all": {"gender,Organization.name", "Organization", `{"resourceType":"Organization","id":"o1","meta":{"tag":[` + tag + `]}}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			m := s.export("/$export", url.Values{"_elements": {tc.elements}, "_type": {tc.resource}})
			if got := s.get(m.Output[0].URL).expect(t, http.StatusOK).body; got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

package fhirtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// FuzzKickoffBody: no body of a kick-off panics, and one that is read has names and values.
func FuzzKickoffBody(f *testing.F) {
	f.Add(parametersOf(`_type:valueString:"Patient"`, `patient:valueReference:{"reference":"Patient/ada"}`))
	f.Add(`{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":null}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		values, err := bodyValues(strings.NewReader(body))
		if err != nil {
			return
		}
		for name, got := range values {
			if name == "" || len(got) == 0 {
				t.Errorf("%q has %d values", name, len(got))
			}
		}
	})
}

// FuzzTypeFilter: no list of filters panics, and taking it apart loses nothing.
func FuzzTypeFilter(f *testing.F) {
	f.Add("ExplanationOfBenefit?status=active,cancelled,Claim?created=ge2024", `{"status":"active"}`)
	f.Add("Patient?birthdate=eq1931-05&_id=a", `{"birthDate":"1931-05-01"}`)
	f.Fuzz(func(t *testing.T, list, line string) {
		parts := splitList("_typeFilter", list)
		if strings.Join(parts, ",") != list {
			t.Errorf("the parts are %q", parts)
		}
		for _, part := range parts {
			if _, q, _, err := parseTypeFilter(part); err == nil {
				q.matches([]byte(line))
			}
		}
	})
}

// FuzzElements: a resource that is cut is still JSON, tagged, and has no other element.
func FuzzElements(f *testing.F) {
	f.Add(strings.Split(payer["Patient.ndjson"], "\n")[0], "birthDate")
	f.Add(`{"meta":{"tag":{}},"meta":1,"\u0069d":2}`, "id")
	f.Fuzz(func(t *testing.T, line, element string) {
		cut := parseElements([]string{element}).cut("Patient", []byte(line))
		if !gjson.Valid(line) || !gjson.Parse(line).IsObject() || strings.Contains(element, ".") {
			return
		}
		if !gjson.ValidBytes(cut) || !strings.Contains(string(cut), "SUBSETTED") {
			t.Fatalf("%s", cut)
		}
		gjson.ParseBytes(cut).ForEach(func(key, _ gjson.Result) bool {
			switch strings.TrimPrefix(key.Str, "_") {
			case "resourceType", "id", "meta", element:
			default:
				t.Errorf("%q was kept", key.Str)
			}
			return true
		})
	})
}

// FuzzCursor: what a client makes of a next link leads to no panic.
func FuzzCursor(f *testing.F) {
	f.Add(cursor{1, 200}.String())
	f.Add("LTEuMA")
	dir := folder(f, payer)
	s, err := New(Options{Dir: dir})
	must(f, err)
	f.Cleanup(func() { must(f, s.Close()) })
	now, err := s.catalogue.read()
	must(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePage(map[string][]string{"_page": {text}}, maxCount, false)
		if err != nil {
			return
		}
		must(t, p.fill(now.ofType("Patient")))
		if len(p.found) > 2 {
			t.Errorf("%d of two patients", len(p.found))
		}
	})
}

// FuzzAssertion: no assertion panics, and none that is made up is good.
func FuzzAssertion(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.eyJpc3MiOiJsYWtlIn0.")
	s, err := New(Options{Dir: folder(f, payer), Clients: []Client{{ID: "lake", JWKS: jwks(f)}}})
	must(f, err)
	f.Cleanup(func() { must(f, s.Close()) })
	f.Fuzz(func(t *testing.T, assertion string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://host.example/token", nil)
		must(t, err)
		if c, err := s.verify(&exchange{Request: r, record: &Request{}}, assertion); err == nil {
			t.Errorf("it is taken for %s", c.ID)
		}
	})
}

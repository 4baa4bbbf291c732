package fhirtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	ada, bob, e1, e2, e3 = "Patient/ada", "Patient/bob", "ExplanationOfBenefit/e1", "ExplanationOfBenefit/e2", "ExplanationOfBenefit/e3"
	org, group           = "Organization/o1", "Group/old"
)

func words(ids ...string) string { return strings.Join(ids, " ") }

func TestKickoffParametersSelectResources(t *testing.T) {
	s := serve(t, Options{})
	for name, tc := range map[string]struct {
		path  string
		query string
		want  string
	}{
		"everything":                               {"/$export", "", words(e1, e2, e3, group, org, ada, bob)},
		"types with a comma":                       {"/$export", "_type=Patient,Organization", words(org, ada, bob)},
		"types repeated":                           {"/$export", "_type=Patient&_type=Organization", words(org, ada, bob)},
		"a type that is not here":                  {"/$export", "_type=Claim", ""},
		"since: later, or without a time":          {"/$export", "_since=2024-02-01T00:00:00Z&_type=Patient,ExplanationOfBenefit", words(e2, e3, bob)},
		"since is not inclusive":                   {"/$export", "_since=2024-03-01T00:00:00Z&_type=Patient", ""},
		"until is inclusive":                       {"/$export", "_until=2024-01-01T00:00:00Z&_type=Patient", words(ada)},
		"patient level":                            {"/Patient/$export", "_type=Patient", words(ada, bob)},
		"group of all":                             {"/Group/all/$export", "_type=Patient", words(ada, bob)},
		"group: its patients and what is nobody's": {"/Group/old/$export", "", words(e1, e3, group, org, ada)},
		"service date within a period":             {"/$export", "_type=ExplanationOfBenefit&_typeFilter=" + url.QueryEscape("ExplanationOfBenefit?service-date=ge2024-02-01"), words(e2)},
		"service date: the period's end":           {"/$export", "_type=ExplanationOfBenefit&_typeFilter=" + url.QueryEscape("ExplanationOfBenefit?service-date=lt2024-01-01"), words(e1)},
		"filters of a type are alternatives":       {"/$export", "_type=ExplanationOfBenefit&_typeFilter=" + url.QueryEscape("ExplanationOfBenefit?status=cancelled,ExplanationOfBenefit?type=pharmacy,vision"), words(e1, e2)},
		"parameters of a filter must all hold":     {"/$export", "_type=ExplanationOfBenefit&_typeFilter=" + url.QueryEscape("ExplanationOfBenefit?status=active&patient=Patient/ada&type=http://t|"), words(e1)},
		"a filter spares other types":              {"/$export", "_type=Patient,ExplanationOfBenefit&_typeFilter=" + url.QueryEscape("ExplanationOfBenefit?_id=e9"), words(ada, bob)},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.query)
			must(t, err)
			m := s.export(tc.path, values)
			if got := s.ids(m.Output); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestKickoffRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		version, method, path, body string
		header                      []string
		status                      int
	}{
		"a synchronous request":                  {"stu3", "GET", "/$export", "", nil, http.StatusBadRequest},
		"an unknown parameter":                   {"stu3", "GET", "/$export?_foo=1", "", async, http.StatusBadRequest},
		"a parameter of a later version":         {"stu2", "GET", "/$export?_until=2024-01-01T00:00:00Z", "", async, http.StatusBadRequest},
		"another Accept":                         {"stu3", "GET", "/$export", "", []string{"Prefer", "respond-async", "Accept", "application/json"}, http.StatusBadRequest},
		"a list in Accept":                       {"stu3", "GET", "/$export", "", []string{"Prefer", "respond-async", "Accept", "application/json, " + fhirJSON}, http.StatusBadRequest},
		"no Accept":                              {"stu3", "GET", "/$export", "", []string{"Prefer", "respond-async"}, http.StatusBadRequest},
		"no Content-Type":                        {"stu4", "POST", "/$export", `{"resourceType":"Parameters"}`, []string{"Prefer", "respond-async", "Accept", fhirJSON}, http.StatusUnsupportedMediaType},
		"another Content-Type":                   {"stu4", "POST", "/$export", `{"resourceType":"Parameters"}`, []string{"Prefer", "respond-async", "Accept", fhirJSON, "Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		"metadata as text":                       {"stu3", "GET", "/metadata", "", []string{"Accept", "text/plain"}, http.StatusNotAcceptable},
		"another format":                         {"stu3", "GET", "/$export?_outputFormat=text/csv", "", async, http.StatusBadRequest},
		"a since without a time":                 {"stu3", "GET", "/$export?_since=2024-01-01", "", async, http.StatusBadRequest},
		"two sinces":                             {"stu3", "GET", "/$export?_since=2024-01-01T00:00:00Z&_since=2024-01-01T00:00:00Z", "", async, http.StatusBadRequest},
		"patient by GET":                         {"stu3", "GET", "/Patient/$export?patient=Patient/ada", "", async, http.StatusBadRequest},
		"patient at system level":                {"stu3", "POST", "/$export", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/ada"}}]}`, async, http.StatusBadRequest},
		"a group that is not here":               {"stu3", "GET", "/Group/new/$export", "", async, http.StatusNotFound},
		"a filter without a type":                {"stu3", "GET", "/$export?_typeFilter=status", "", async, http.StatusBadRequest},
		"output organized by what is no patient": {"stu3", "GET", "/$export?organizeOutputBy=Device", "", async, http.StatusBadRequest},
		"GET in STU4":                            {"stu4", "GET", "/$export", "", async, http.StatusMethodNotAllowed},
		"a comma in STU4":                        {"stu4", "POST", "/$export", `{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Patient,Group"}]}`, async, http.StatusBadRequest},
		"POST in STU1":                           {"stu1", "POST", "/$export", `{"resourceType":"Parameters"}`, async, http.StatusMethodNotAllowed},
		"a body that is no Parameters":           {"stu3", "POST", "/$export", `{"resourceType":"Patient"}`, async, http.StatusBadRequest},
		"a PUT":                                  {"stu3", "PUT", "/$export", "", async, http.StatusMethodNotAllowed},
		"a path that is not served":              {"stu3", "GET", "/a/b/c/d", "", nil, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{Version: tc.version})
			a := s.do(tc.method, tc.path, tc.body, tc.header...).expect(t, tc.status)
			if !strings.Contains(a.body, `"resourceType":"OperationOutcome"`) || a.Header.Get("Content-Type") != "application/fhir+json" {
				t.Errorf("the error is no OperationOutcome: %s", a.body)
			}
		})
	}
}

var async = []string{"Prefer", "respond-async", "Accept", fhirJSON, "Content-Type", fhirJSON}

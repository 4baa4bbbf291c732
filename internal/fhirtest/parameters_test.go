package fhirtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parametersOf makes a Parameters resource of "name:value[x]:JSON" texts.
func parametersOf(parameters ...string) string {
	var list []string
	for _, p := range parameters {
		part := strings.SplitN(p, ":", 3)
		list = append(list, `{"name":"`+part[0]+`","`+part[1]+`":`+part[2]+`}`)
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
}

func TestKickoffByPost(t *testing.T) {
	for name, tc := range map[string]struct {
		version, path, body, want string
	}{
		"a type in STU3":            {"stu3", "/$export", parametersOf(`_type:valueString:"Patient,Organization"`), words(org, ada, bob)},
		"types in STU4":             {"stu4", "/$export", parametersOf(`_type:valueString:"Patient"`, `_type:valueString:"Organization"`), words(org, ada, bob)},
		"an instant":                {"stu4", "/$export", parametersOf(`_since:valueInstant:"2024-02-01T00:00:00Z"`, `_type:valueString:"Patient"`), bob},
		"a filter":                  {"stu4", "/$export", parametersOf(`_type:valueString:"ExplanationOfBenefit"`, `_typeFilter:valueString:"ExplanationOfBenefit?status=active,cancelled&_id=e2"`), e2},
		"a patient":                 {"stu3", "/Patient/$export", parametersOf(`patient:valueReference:{"reference":"Patient/bob"}`, `_type:valueString:"Patient,ExplanationOfBenefit"`), words(e2, bob)},
		"a patient of the group":    {"stu4", "/Group/old/$export", parametersOf(`patient:valueReference:{"reference":"Patient/ada"}`, `patient:valueReference:{"reference":"Patient/bob"}`, `_type:valueString:"Patient"`), ada},
		"data that goes with it":    {"stu4", "/$export", parametersOf(`includeAssociatedData:valueCoding:{"code":"LatestProvenanceResources"}`, `_type:valueString:"Patient"`), words(ada, bob)},
		"no parameters":             {"stu4", "/Group/old/$export", `{"resourceType":"Parameters"}`, words(e1, e3, group, org, ada)},
		"what size files should be": {"stu4", "/$export", parametersOf(`_maximumFileSize:valuePositiveInt:100`, `_type:valueString:"Patient"`), words(ada, bob)},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{Version: tc.version})
			at := s.do(http.MethodPost, tc.path, tc.body, async...).expect(t, http.StatusAccepted).Header.Get("Content-Location")
			if got := s.ids(s.get(at).manifest(t).Output); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestKickoffByPostRefuses(t *testing.T) {
	s := serve(t, Options{Version: "stu4"})
	for name, body := range map[string]string{
		"a parameter without a name":   `{"resourceType":"Parameters","parameter":[{"valueString":"x"}]}`,
		"a parameter without a value":  `{"resourceType":"Parameters","parameter":[{"name":"_type"}]}`,
		"a value of another type":      parametersOf(`_type:valueQuantity:{"value":1}`),
		"a string that is none":        parametersOf(`_type:valueString:1`),
		"a size that is not positive":  parametersOf(`_maximumFileSize:valuePositiveInt:0`),
		"other associated data":        parametersOf(`includeAssociatedData:valueCoding:{"code":"_mine"}`),
		"a date that is none":          parametersOf(`_typeFilter:valueString:"Claim?created=lately"`),
		"what is not JSON":             `{`,
		"a body that is far too large": `{"resourceType":"` + strings.Repeat("x", maxParameters) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.do(http.MethodPost, "/$export", body, async...).expect(t, http.StatusBadRequest)
		})
	}
	s.t = t
	s.do(http.MethodPost, "/$export?_type=Patient", `{"resourceType":"Parameters"}`, async...).expect(t, http.StatusBadRequest)
}

func TestKickoffLenient(t *testing.T) {
	s := serve(t, Options{})
	values := url.Values{
		"_type": {"Patient"}, "_foo": {"1"}, "organizeOutputBy": {"Device"}, "patient": {"Patient/ada"},
		"includeAssociatedData": {"_mine"}, "_typeFilter": {"Patient?name=Ada&birthdate=1950"},
	}
	m := s.export("/Patient/$export", values, "Prefer", "respond-async, handling=lenient")
	if got := s.ids(m.Output); got != bob {
		t.Errorf("got %s", got)
	}
	told := s.get(m.Error[0].URL).expect(t, http.StatusOK).body
	if strings.Count(told, `"severity":"warning"`) != 5 || *m.Error[0].Count != 5 {
		t.Errorf("told %s", told)
	}
	if got := s.Exports()[0].Parameters; !cmp.Equal(got, values) {
		t.Errorf("the server knows the parameters as %v", got)
	}
}

func TestTypeFilterThatIsNotKnownIsIgnored(t *testing.T) {
	s := serve(t, Options{})
	m := s.export("/$export", url.Values{"_type": {"Patient"}, "_typeFilter": {"Patient?name=Ada"}})
	if got := s.ids(m.Output); got != words(ada, bob) || len(m.Error) != 1 {
		t.Errorf("got %s, and %d outcome files", got, len(m.Error))
	}
}

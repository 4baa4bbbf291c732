package extract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// picky is a server that has some types, and refuses others in one way or another.
type picky struct {
	has       []string
	declares  bool
	hides     string // a type that it has and does not declare
	elsewhere string // a type that it has and declares, but not at this level
	software  string
	refuse    func(bad []string) string // diagnostics

	asked []string // types of each kick-off
}

func (p *picky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/metadata") {
		var list []map[string]any
		for _, t := range append(p.has, strings.Fields(p.elsewhere)...) {
			if p.declares && t != p.hides {
				list = append(list, map[string]any{"type": t, "interaction": []any{map[string]string{"code": "read"}}})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"resourceType": "CapabilityStatement", "software": map[string]string{"name": p.software}, "rest": []any{map[string]any{"resource": list}}})
		return
	}
	types := strings.Split(r.URL.Query().Get("_type"), ",")
	p.asked = append(p.asked, strings.Join(types, " "))
	bad := slices.DeleteFunc(types, func(t string) bool { return slices.Contains(p.has, t) })
	if len(bad) == 0 {
		w.Header().Set("Content-Location", base+"/status")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	text(w, http.StatusBadRequest, fmt.Sprintf(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":%q}]}`, p.refuse(bad)))
}

func TestTypesThatTheServerLacksAreLeftOut(t *testing.T) {
	first := func(bad []string) string {
		return fmt.Sprintf("The requested resource type %q is not available on this server", bad[0])
	}
	all := []string{"Claim", "Coverage", "Encounter", "Organization", "Patient"}
	for name, tc := range map[string]struct {
		server picky
		level  Level
		named  bool // by the user
		asked  []string
		err    string
	}{
		"it has all":                        {picky{has: all}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, ""},
		"it has more than it declares":      {picky{has: all, declares: true, hides: "Claim"}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, ""},
		"it declares what it has":           {picky{has: []string{"Claim", "Patient"}, declares: true, refuse: func([]string) string { return "bad request" }}, System, false, []string{"Claim Coverage Encounter Organization Patient", "Claim Patient"}, ""},
		"it says which it lacks":            {picky{has: []string{"Claim", "Patient"}, refuse: first}, System, false, []string{"Claim Coverage Encounter Organization Patient", "Claim Encounter Organization Patient", "Claim Organization Patient", "Claim Patient"}, ""},
		"it says all that it lacks":         {picky{has: []string{"Patient"}, refuse: func(bad []string) string { return "invalid resource types: " + strings.Join(bad, ", ") }}, System, false, []string{"Claim Coverage Encounter Organization Patient", "Patient"}, ""},
		"the user named them":               {picky{has: all[:1], refuse: first}, System, true, []string{"Claim Coverage Encounter Organization Patient"}, "the server does not export Coverage: leave that out of export.types"},
		"it says nothing":                   {picky{has: all[:1], refuse: func([]string) string { return "no" }}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, "answers 400"},
		"it refuses something else":         {picky{has: all[:1], refuse: func([]string) string { return "_typeFilter of resource type Claim is not supported" }}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, "answers 400"},
		"it refuses a type that it has":     {picky{has: []string{"Claim"}, refuse: func([]string) string { return "resource type Patient" }}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, "answers 400"},
		"it declares none that is asked":    {picky{has: []string{"Device"}, declares: true, refuse: func([]string) string { return "no" }}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, "answers 400"},
		"HAPI, by patients":                 {picky{has: all, software: "HAPI FHIR Server"}, Patient, false, []string{"Claim Coverage Encounter Patient"}, ""},
		"HAPI, by patients, types as named": {picky{has: all, software: "HAPI FHIR Server"}, Patient, true, []string{"Claim Coverage Encounter Organization Patient"}, ""},
		"HAPI, of a group": {picky{has: []string{"Claim", "Coverage", "Encounter", "Patient"}, declares: true, elsewhere: "Organization", software: "HAPI FHIR Server", refuse: func(bad []string) string {
			return fmt.Sprintf("HAPI-0512: Resource types [%s] are invalid for this type of export, as they do not contain search parameters that refer to patients.", strings.Join(bad, ","))
		}}, Group, false, []string{"Claim Coverage Encounter Organization Patient", "Claim Coverage Encounter Patient"}, ""},
		"a declared type of patients": {picky{has: []string{"Claim", "Coverage", "Organization", "Patient"}, declares: true, elsewhere: "Encounter", refuse: first}, Group, false, []string{"Claim Coverage Encounter Organization Patient"}, "answers 400"},
		"HAPI, all of it":             {picky{has: all, software: "HAPI FHIR Server"}, System, false, []string{"Claim Coverage Encounter Organization Patient"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &tc.server, func(t *testing.T, c *Client) {
				elements := []string{"Claim.item", "Coverage.status", "id"}
				job, err := c.Kickoff(t.Context(), Export{Level: tc.level, Group: map[Level]string{Group: "g"}[tc.level], Types: all, Elements: elements, Narrow: !tc.named, Method: GET})
				if !slices.Equal(tc.server.asked, tc.asked) {
					t.Errorf("asked for %q, want %q", tc.server.asked, tc.asked)
				}
				if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("%v, want %s", err, tc.err)
				}
				got := strings.Fields(tc.asked[len(tc.asked)-1])
				if left := slices.Sorted(slices.Values(slices.Concat(job.LeftOut, got))); err == nil && !slices.Equal(left, all) {
					t.Errorf("left out %v of %v", job.LeftOut, all)
				}
			})
		})
	}
}

func TestWhatIsSaidOfALeftOutTypeGoesWithIt(t *testing.T) {
	e := Export{Types: []string{"Claim", "Coverage"}, Elements: []string{"Claim.item", "Coverage.status", "id"}, TypeFilters: []string{"Coverage?status=active"}, LeftOut: []string{"Device"}}
	got := e.Without([]string{"Coverage"})
	if !slices.Equal(got.Types, []string{"Claim"}) || !slices.Equal(got.Elements, []string{"Claim.item", "id"}) || len(got.TypeFilters) > 0 || !slices.Equal(got.LeftOut, []string{"Coverage", "Device"}) {
		t.Errorf("%+v", got)
	}
	if len(e.Types) != 2 || e.Elements[1] != "Coverage.status" {
		t.Errorf("the export itself was changed: %+v", e)
	}
}

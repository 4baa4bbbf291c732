package transform

import "testing"

func TestReferencesLeadToContainedResources(t *testing.T) {
	const contained = `"contained":[{"id":"org","name":"Mercy","identifier":[{"system":"tax","value":"1"},{"system":"npi","value":"2"}],"subject":{"reference":"Patient/7"}},{"id":"a\u002fb","name":"Slash"},{"name":"no id"},null]`
	for name, tc := range map[string]struct{ column, members, want string }{
		"value":                             {"x | provider.@contained.name | string", `"provider":{"reference":"#org"},` + contained, "Mercy"},
		"filtered value":                    {`x | provider.@contained.identifier.#(system=="npi").value | string`, `"provider":{"reference":"#org"},` + contained, "2"},
		"composite":                         {"x | provider.@contained.subject | Reference", `"provider":{"reference":"#org"},` + contained, "7|-|Patient|-|-"},
		"list":                              {"x | provider.@contained.identifier.#.value | list(string)", `"provider":{"reference":"#org"},` + contained, `["1","2"]`},
		"after the reference":               {"x | provider.@contained.name | string", contained + `,"provider":{"reference":"#org"}`, "Mercy"},
		"escapes in the id":                 {"x | provider.@contained.name | string", `"provider":{"reference":"#a/b"},` + contained, "Slash"},
		"reference through a filter":        {`x | insurance.#(focal==true).coverage.@contained.name | string`, `"insurance":[{"coverage":{"reference":"#a/b"}},{"focal":true,"coverage":{"reference":"#org"}}],` + contained, "Mercy"},
		"not contained":                     {"x | provider.@contained.name | string", `"provider":{"reference":"Organization/org"},` + contained, "-"},
		"leads nowhere":                     {"x | provider.@contained.name | string", `"provider":{"reference":"#other"},` + contained, "-"},
		"of the containing resource itself": {"x | provider.@contained.name | string", `"provider":{"reference":"#"},` + contained, "-"},
		"no reference":                      {"x | provider.@contained.name | string", `"provider":{"reference":7},` + contained, "-"},
		"alternatives, in their order":      {"x | [provider.display, provider.@contained.name] | string, choice: true", `"provider":{"reference":"#org"},` + contained, "Mercy|provider.@contained.name"},
		"left to gjson":                     {"x | provider.@contained.identifier.0.v* | string", `"provider":{"reference":"#org"},` + contained, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			equalRows(t, rows(flatten(t, claimPlan(t, []string{tc.column}), claimLine(tc.members)), "claim"), "c1|"+tc.want)
		})
	}
}

// Several lines are scanned before their references are followed: each leads to a
// resource of its own line, also from a row below.
func TestContainedResourcesBelongToTheirLine(t *testing.T) {
	p := claimPlan(t, nil, "team: careTeam\n name | provider.@contained.name | string\n payer | $.insurer.@contained.name | string")
	one := `"careTeam":[{"provider":{"reference":"#a"}},{"provider":{"reference":"#b"}}],"insurer":{"reference":"#b"},`
	r := flatten(t, p, claimLine(one+`"contained":[{"id":"a","name":"A1"},{"id":"b","name":"B1"}]`)+claimLine(one+`"contained":[{"id":"b","name":"B2"},{"id":"a","name":"A2"}]`)+claimLine(one+`"contained":[]`))
	equalRows(t, rows(r, "team"), "c1|A1|B1", "c1|B1|B1", "c1|A2|B2", "c1|B2|B2", "c1|-|-", "c1|-|-")
}

func TestContainedPathsNeedAReference(t *testing.T) {
	if _, err := parseSource("pro*.@contained.name", "", oneValue); err == nil {
		t.Error("a reference that the scan does not find was accepted")
	}
}

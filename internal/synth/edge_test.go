package synth

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/tidwall/gjson"
)

// Each edge case changes its line, keeps it valid and keeps its id.
func TestEdgeCases(t *testing.T) {
	ordinary := write(t, Options{Patients: 3, Seed: 9})
	for resourceType, lines := range ordinary {
		line := bytes.TrimSpace(lines[0])
		for _, e := range edgeCases(resourceType) {
			t.Run(resourceType+"/"+e.name, func(t *testing.T) {
				got := e.change(bytes.Clone(line))
				if !json.Valid(got) || bytes.Contains(got, []byte("\n")) {
					t.Fatalf("not a line of JSON: %.300s", got)
				}
				if gjson.GetBytes(got, "id").String() != gjson.GetBytes(line, "id").String() {
					t.Error("the id changed")
				}
				if bytes.Equal(got, line) {
					t.Error("nothing changed")
				}
			})
		}
	}
}

// What breaks pipelines is there when asked for, and only then.
func TestEdgeCasesAreMixedIn(t *testing.T) {
	mixed := write(t, Options{Patients: 26, Seed: 10, EdgeCases: true})
	explanations := mixed["ExplanationOfBenefit"]
	last := len(explanations) - 1
	longest := len(explanations[last])
	mixed["ExplanationOfBenefit"] = explanations[:last]
	for name, tc := range map[string]struct{ resourceType, pattern string }{
		"year only":                          {"Patient", `"birthDate":"1931"[,}]`},
		"year and month":                     {"Patient", `"birthDate":"1931-05"`},
		"primitive extension":                {"Patient", `"_birthDate":\{"extension"`},
		"null in an array":                   {"Patient", `\["Ana",null\]`},
		"surrogate pair":                     {"Patient", `\\ud83d\\ude00`},
		"partial period":                     {"ExplanationOfBenefit", `"start":"2019"`},
		"time offset":                        {"ExplanationOfBenefit", `"created":"2024-03-01T00:30:00\+02:00"`},
		"trailing zero":                      {"ExplanationOfBenefit", `"quantity":\{"value":1\.10\}`},
		"zero with a decimal":                {"ExplanationOfBenefit", `"quantity":\{"value":0\.0\}`},
		"number of 20 digits":                {"ExplanationOfBenefit", `12345678901234567890`},
		"escapes":                            {"ExplanationOfBenefit", `\\"as billed\\" \\\\ \\/\\t\\u00e9`},
		"empty string":                       {"ExplanationOfBenefit", `"text":""`},
		"subDetail with adjudication":        {"ExplanationOfBenefit", `"subDetail":\[.*"adjudication"`},
		"subDetail of a bill":                {"Claim", `"subDetail":\[`},
		"absolute reference":                 {"ExplanationOfBenefit", `"reference":"https://fhir\.example\.com/r4/Patient/`},
		"urn:uuid reference":                 {"ExplanationOfBenefit", `"reference":"urn:uuid:`},
		"contained coverage":                 {"ExplanationOfBenefit", `"coverage":\{"reference":"#policy"`},
		"provider as contained organization": {"ExplanationOfBenefit", `"provider":\{"reference":"#billing-org"`},
		"provider as identifier":             {"ExplanationOfBenefit", `"provider":\{"identifier":`},
		"provider as reference":              {"ExplanationOfBenefit", `"provider":\{"reference":"Organization/`},
		"resourceType last":                  {"ExplanationOfBenefit", `"resourceType":"ExplanationOfBenefit"\}\n$`},
		"lastUpdated no date":                {"ExplanationOfBenefit", `"lastUpdated":"IGNORED_FIELD"`},
		"lastUpdated absent":                 {"ExplanationOfBenefit", `"meta":\{"profile"`},
		"no lines":                           {"ExplanationOfBenefit", `"insurance":\[[^\]]*\],"total"`},
	} {
		t.Run(name, func(t *testing.T) {
			if !matches(mixed, tc.resourceType, tc.pattern) {
				t.Errorf("no %s matches %s", tc.resourceType, tc.pattern)
			}
		})
	}
	if longest < giantBytes || longest > giantBytes*3/2 {
		t.Errorf("longest line has %d bytes", longest)
	}
	if matches(mixed, "Claim", `"adjudication"`) {
		t.Error("a Claim is adjudicated")
	}
	if plain := write(t, Options{Patients: 5, Seed: 10}); matches(plain, "ExplanationOfBenefit", `IGNORED_FIELD|urn:uuid`) {
		t.Error("edge cases without asking")
	}
}

func matches(f folder, resourceType, pattern string) bool {
	re := regexp.MustCompile(pattern)
	for _, line := range f[resourceType] {
		if re.Match(line) {
			return true
		}
	}
	return false
}

// The longest claim is an ordinary one but for its length.
func TestLongestLineAddsUp(t *testing.T) {
	o, err := Options{Patients: 2, Seed: 3, EdgeCases: true}.check()
	if err != nil {
		t.Fatal(err)
	}
	c := (&writer{population: newPopulation(o)}).longest()
	var sum amounts
	for i := range c.items {
		sum = sum.plus(c.items[i].amounts)
	}
	if sum != c.total || len(c.items) < 800 {
		t.Errorf("%d lines sum to %v, total is %v", len(c.items), sum, c.total)
	}
}

package policy

import (
	"fmt"
	"testing"
)

// A listed code is found wherever a resource has it, and nothing else is.
func TestWhereCodesAreFound(t *testing.T) {
	const icd, snomed, hcpcs, cpt = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct", "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "http://www.ama-assn.org/go/cpt"
	coding := func(system, code string) string {
		return fmt.Sprintf(`"code":{"coding":[{"system":%q,"code":"E11"},{"system":%q,"code":%q}]}`, icd, system, code)
	}
	for name, tc := range map[string]struct {
		code, rest string
		found      bool
	}{
		"the second coding":                       {icd + "|F11.20", coding(icd, "F11.20"), true},
		"of another system":                       {icd + "|F11.20", coding(snomed, "F11.20"), false},
		"another code":                            {icd + "|F11.20", coding(icd, "F11.21"), false},
		"the beginning of another code":           {icd + "|F11.2", coding(icd, "F11.20"), false},
		"without its dot":                         {icd + "|F11.20", coding(icd, "F1120"), true},
		"listed without its dot":                  {icd + "|F1120", coding(icd, "F11.20"), true},
		"without a system, without its dot":       {"F1120", coding(icd, "F11.20"), true},
		"in small letters":                        {icd + "|f11.20", coding(icd, "F11.20"), true},
		"in the server's small letters":           {"F11.20", coding(icd, "f11.20"), true},
		"the last part of a system":               {"icd-10-cm|F11.20", coding(icd, "F11.20"), true},
		"the last part of another":                {"icd-9-cm|F11.20", coding(icd, "F11.20"), false},
		"ICD-10 for ICD-10-CM":                    {icd + "|F11.20", coding("http://hl7.org/fhir/sid/icd-10", "F11.20"), true},
		"an OID for a URL":                        {icd + "|F11.20", coding("urn:oid:2.16.840.1.113883.6.90", "F11.20"), true},
		"listed by OID":                           {"2.16.840.1.113883.6.90|F11.20", coding(icd, "F1120"), true},
		"a slash at the end of a system":          {icd + "|F11.20", coding(icd+"/", "F11.20"), true},
		"a version of the system":                 {icd + "|F11.20", coding(icd+"|2024", "F11.20"), true},
		"a coding without a system":               {icd + "|F11.20", `"code":{"coding":[{"code":"F1120"}]}`, true},
		"the system after the code":               {icd + "|F11.20", `"code":{"coding":[{"code":"F11.20","system":"` + snomed + `"}]}`, false},
		"HCPCS is no ICD without its dot":         {"H0001", coding(icd, "H00.01"), false},
		"ICD is no HCPCS with a dot":              {"H00.01", coding(hcpcs, "H0001"), false},
		"ICD-9 is no CPT with a dot":              {"304.00", coding(cpt, "30400"), false},
		"a number, as code":                       {"99408", coding(cpt, "99408"), true},
		"a number, as postal code":                {"99408", `"address":{"postalCode":"99408"}`, false},
		"a number, as text":                       {"99408", `"code":{"text":"99408"}`, true},
		"a number, in a text":                     {"99408", `"note":[{"text":"room 99408"}]`, false},
		"in a text":                               {icd + "|F11.20", `"code":{"text":"ICD-10: F11.20, opioid dependence"}`, true},
		"in a text, with a dash":                  {"F11.20", `"code":{"text":"F11.20-opioid dependence"}`, true},
		"in a note, without its dot":              {"F11.20", `"note":[{"text":"see F1120."}]`, true},
		"in the narrative":                        {"F11.20", `"text":{"status":"generated","div":"<div><td>F11.20</td></div>"}`, true},
		"in a display":                            {"F11.20", `"code":{"coding":[{"display":"F11.20 Opioid dependence"}]}`, true},
		"in an extension":                         {icd + "|F11.20", `"extension":[{"url":"u","extension":[{"url":"v","valueCoding":{"system":"` + icd + `","code":"F11.20"}}]}]`, true},
		"in an extension of a primitive":          {"F11.20", `"_onset":{"extension":[{"url":"u","valueCode":"F11.20"}]}`, true},
		"as an identifier":                        {icd + "|F11.20", `"identifier":[{"system":"` + icd + `","value":"F11.20"}]`, true},
		"as an id":                                {"F11.20", `"encounter":{"reference":"Encounter/F11.20","id":"F11.20"}`, false},
		"in a contained resource":                 {icd + "|F11.20", `"contained":[{"resourceType":"Condition","code":{"coding":[{"system":"` + icd + `","code":"F1120"}]}}]`, true},
		"with an escape":                          {"F11.20", `"code":{"coding":[{"code":"\u004611.20"}]}`, true},
		"a word that is a code elsewhere":         {"R", `"note":[{"text":"R"}],"kind":"R"`, true},
		"a word in a text that is no code":        {"R", `"note":[{"text":"John R Doe"}]`, false},
		"a listed code with spaces around it":     {" " + icd + " | F11.20 ", coding(icd, "F11.20"), true},
		"a code with a space after it":            {icd + "|F11.20", coding(icd, "F11.20 "), true},
		"an element that is a list of code texts": {"F11.20", `"codes":["E11","F1120"]`, true},
	} {
		t.Run(name, func(t *testing.T) {
			line := `{"resourceType":"Condition","id":"1",` + tc.rest + `}`
			got, p := rows(t, Spec{Codes: []string{tc.code}}, "", line)
			if found := p.Excluded() == 1; found != tc.found || found != (len(got["condition_note"]) == 0 && got["condition"][0] == "1|-|-|-|-|-|-|-|-|-|-|DELETED") {
				t.Errorf("%s, listed %s: left out is %v; rows %q", line, tc.code, found, got)
			}
			if _, p := rows(t, Spec{Flags: []Flag{{"SUD", []string{tc.code}}}}, "", line); p.Flagged() == 1 != tc.found {
				t.Errorf("%s, listed %s: labelled is %v", line, tc.code, p.Flagged())
			}
		})
	}
}

// A label is found in contained resources and on elements, also with its system.
func TestWhereLabelsAreFound(t *testing.T) {
	const confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	label := func(code string) string {
		return `{"security":[{"system":"` + confidentiality + `","code":"N"},{"system":"` + confidentiality + `","code":"` + code + `"}]}`
	}
	for name, tc := range map[string]struct {
		label, rest string
		found       bool
	}{
		"of the resource":              {"R", `"meta":` + label("R"), true},
		"of a contained resource":      {"R", `"contained":[{"resourceType":"Patient","meta":` + label("R") + `}]`, true},
		"of an element":                {"R", `"note":[{"extension":[{"url":"http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label","valueCoding":{"system":"` + confidentiality + `","code":"R"}}],"text":"x"}]`, true},
		"with its system":              {confidentiality + "|R", `"meta":` + label("R"), true},
		"of another system":            {"http://terminology.hl7.org/CodeSystem/v3-ActCode|R", `"meta":` + label("R"), false},
		"another label":                {"V", `"meta":` + label("R"), false},
		"a code that looks like one":   {"R", `"code":{"coding":[{"code":"R"}]}`, false},
		"a tag that looks like one":    {"R", `"meta":{"tag":[{"code":"R"}]}`, false},
		"another extension's code":     {"R", `"extension":[{"url":"x","valueCoding":{"code":"R"}}]`, false},
		"a display that looks like it": {"R", `"meta":{"security":[{"code":"N","display":"R"}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			line := `{"resourceType":"Condition","id":"1",` + tc.rest + `}`
			if _, p := rows(t, Spec{Labels: []string{tc.label}}, "", line); p.Excluded() == 1 != tc.found {
				t.Errorf("%s, listed %s: left out is %v", line, tc.label, p.Excluded())
			}
		})
	}
}

package synth

import "bytes"

// edge is a line that is valid but breaks pipelines. It is made from an ordinary
// line, so that everything else about it is as usual.
type edge struct {
	name   string
	change edit
}

// everyFourth line of a type is an edge case, each of the type's cases in turn.
const everyFourth = 4

var newline = []byte("\n")

// edges mixes edge cases into the lines of a day.
type edges struct {
	on    bool
	lines map[string]int // seen so far, by resource type
}

func newEdges(on bool) *edges { return &edges{on: on, lines: map[string]int{}} }

// mix returns the line, or the edge case whose turn it is.
func (e *edges) mix(resourceType string, line []byte) []byte {
	if !e.on {
		return line
	}
	n := e.lines[resourceType]
	e.lines[resourceType]++
	if n%everyFourth != everyFourth-1 {
		return line
	}
	cases := edgeCases(resourceType)
	changed := cases[n/everyFourth%len(cases)].change(bytes.TrimSuffix(line, newline))
	return append(changed, '\n')
}

// edgeCases are the cases of a resource type.
func edgeCases(resourceType string) []edge {
	switch resourceType {
	case "ExplanationOfBenefit":
		return explanationEdges
	case "Claim":
		return claimEdges
	case "Patient":
		return patientEdges
	}
	return anyEdges
}

// anyEdges suit every resource.
var anyEdges = []edge{
	{"keys in unusual order, resourceType last", backwards},
	{"meta.lastUpdated absent", without("meta.lastUpdated")},
	{"meta.lastUpdated no date", with("meta.lastUpdated", `"IGNORED_FIELD"`)},
	{"meta absent", without("meta")},
	{"spaces between tokens", spaced},
}

// claimEdges suit Claim.
var claimEdges = append([]edge{
	{"detail and subDetail", with("item.0.detail", nested(""))},
}, sharedEdges...)

// sharedEdges suit Claim and ExplanationOfBenefit.
var sharedEdges = append([]edge{
	{"only the year is known", with("billablePeriod.start", `"2019"`, "billablePeriod.end", `"2019-05"`)},
	{"time with offset", with("created", `"2024-03-01T00:30:00+02:00"`)},
	{"decimal with trailing zero", with("item.0.quantity.value", "1.10")},
	{"zero with a decimal", with("item.0.quantity.value", "0.0")},
	{"number of 20 digits", with("item.0.quantity.value", "12345678901234567890")},
	{"number with exponent", with("item.0.factor", "1.5e-3")},
	{"escapes and a surrogate pair", with("item.0.productOrService.text", `"\"as billed\" \\ \/\t\u00e9\n\ud83d\ude00"`)},
	{"empty string", with("item.0.productOrService.text", `""`)},
	{"extension instead of a date", both(without("billablePeriod.end"), with("billablePeriod._end", absent))},
	{"no arrays", without("careTeam", "supportingInfo", "diagnosis", "procedure", "item", "adjudication")},
	{"absolute reference", prefixed("patient.reference", "https://fhir.example.com/r4/")},
	{"versioned reference", suffixed("patient.reference", "/_history/3")},
	{"provider by urn:uuid", with("provider", `{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}`)},
	{"provider contained", contain("provider", "billing-org", `{"resourceType":"Organization","id":"billing-org","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":"Riverside Clinic"}`)},
	{"provider by identifier", with("provider", `{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}}`)},
	{"coverage contained", contain("insurance.0.coverage", "policy", `{"resourceType":"Coverage","id":"policy","status":"active","type":{"text":"Medicaid"}}`)},
	{"two insurances", with("insurance.-1", `{"sequence":2,"focal":false,"coverage":{"display":"Auto liability"}}`)},
	{"currency absent", without("item.0.unitPrice.currency")},
	{"sequence used twice", with("item.-1", `{"sequence":1,"productOrService":{"text":"unlisted"},"net":{"value":0.00,"currency":"USD"}}`)},
}, anyEdges...)

// explanationEdges suit ExplanationOfBenefit.
var explanationEdges = append([]edge{
	{"rate sent as a second submitted amount", with("item.0.adjudication.-1", rate)},
	{"adjudication without amount", with("item.0.adjudication.-1", `{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"value":2.50}`)},
	{"category of text only", with("total.-1", `{"category":{"text":"Interest"},"amount":{"value":0.0,"currency":"USD"}}`)},
	{"line added by the payer", with("addItem", added)},
	{"detail and subDetail with amounts of their own", with("item.0.detail", nested(","+twelveDollars))},
}, sharedEdges...)

// patientEdges suit Patient.
var patientEdges = append([]edge{
	{"year of birth", with("birthDate", `"1931"`)},
	{"month of birth", with("birthDate", `"1931-05"`)},
	{"extension of a date", with("_birthDate", `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1931-05-04T03:02:01-04:00"}]}`)},
	{"extension instead of a date", both(without("birthDate"), with("_birthDate", absent))},
	{"null among names", with("name.0.given", `["Ana",null]`, "name.0._given", `[null,`+absent+`]`)},
	{"escapes and surrogate pairs", with("name.0.family", `"O\u0027Brien \"Bo\" \ud83d\ude00\ud834\udd1e"`)},
	{"empty string", with("address.0.city", `""`)},
	{"death as boolean", both(without("deceasedDateTime"), with("deceasedBoolean", "true"))},
	{"no arrays", without("identifier", "name", "address", "telecom", "extension")},
}, anyEdges...)

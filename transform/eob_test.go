package transform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// eobMapping has the shape of the real mapping of ExplanationOfBenefit: about as
// many columns in each table, and the same kinds of paths.
const eobMapping = `resource: ExplanationOfBenefit
description: Claims.
tables:
  - name: eob
    description: Claims.
    key: id
    columns:
      - {name: id, path: id, type: id, description: d}
      - {name: status, path: status, type: code, description: d}
      - {name: use, path: use, type: code, description: d}
      - {name: outcome, path: outcome, type: code, description: d}
      - {name: created, path: created, type: dateTime, description: d}
      - {name: type, path: type, type: CodeableConcept, description: d}
      - {name: cms_type, path: 'type.coding.#(system=="https://bluebutton.cms.gov/resources/variables/nch_clm_type_cd").code', type: code, description: d}
      - {name: patient_id, path: patient.reference, type: reference, description: d}
      - {name: insurer, path: insurer, type: Reference, description: d}
      - {name: provider, path: provider, type: Reference, description: d}
      - {name: billable, path: billablePeriod, type: Period, description: d}
      - {name: unique_id, path: 'identifier.#(type.coding.#(code=="uc")).value', type: string, description: d}
      - {name: tob, path: 'supportingInfo.#(category.coding.#(code=="typeofbill")).code.coding.0.code', type: code, description: d}
      - {name: discharge, path: 'supportingInfo.#(category.coding.#(code=="discharge-status")).code.coding.0.code', type: code, description: d}
      - {name: received, path: 'supportingInfo.#(category.coding.#(code=="clmrecvddate")).timingDate', type: date, description: d}
      - {name: submitted, path: 'total.#(category.coding.#(code=="submitted")).amount', type: Money, description: d}
      - {name: paid, path: 'total.#(category.coding.#(code=="benefit")).amount', type: Money, description: d}
      - {name: payment, path: payment.amount, type: Money, description: d}
      - {name: payment_date, path: payment.date, type: date, description: d}
      - {name: near_line, path: 'extension.#(url=="https://bluebutton.cms.gov/resources/variables/nch_near_line_rec_ident_cd").valueCoding.code', type: code, description: d}
      - {name: item_count, path: 'item.#', type: integer, description: d}
  - name: eob_item
    description: Lines.
    rows: [item, item.#.detail, item.#.detail.#.subDetail]
    key: [eob_id, item_path]
    columns:
      - {name: eob_id, path: $.id, type: id, description: d}
      - {name: patient_id, path: $.patient.reference, type: reference, description: d}
      - {name: item_path, path: '@path', type: string, description: d}
      - {name: sequence, path: sequence, type: integer, description: d}
      - {name: revenue, path: revenue, type: CodeableConcept, description: d}
      - {name: product, path: productOrService, type: CodeableConcept, description: d}
      - {name: hcpcs, path: 'productOrService.coding.#(system=="https://bluebutton.cms.gov/resources/codesystem/hcpcs").code', type: code, description: d}
      - {name: serviced, path: [servicedDate, servicedPeriod.start], type: date, choice: true, description: d}
      - {name: place, path: locationCodeableConcept, type: CodeableConcept, description: d}
      - {name: quantity, path: quantity, type: Quantity, description: d}
      - {name: diagnosis_sequence, path: diagnosisSequence, type: list(integer), description: d}
      - {name: submitted, path: 'adjudication.#(category.coding.#(code=="submitted")).amount.value', type: 'decimal(18,4)', description: d}
      - {name: allowed, path: 'adjudication.#(category.coding.#(code=="eligible")).amount.value', type: 'decimal(18,4)', description: d}
      - {name: deductible, path: 'adjudication.#(category.coding.#(code=="deductible")).amount.value', type: 'decimal(18,4)', description: d}
      - {name: coinsurance, path: 'adjudication.#(category.coding.#(code=="coinsurance")).amount.value', type: 'decimal(18,4)', description: d}
      - {name: paid, path: 'adjudication.#(category.coding.#(code=="benefit")).amount.value', type: 'decimal(18,4)', description: d}
  - name: eob_item_adjudication
    description: Amounts.
    rows: [item.#.adjudication, item.#.detail.#.adjudication]
    key: [eob_id, item_path, position]
    columns:
      - {name: eob_id, path: $.id, type: id, description: d}
      - {name: item_path, path: ^@path, type: string, description: d}
      - {name: position, path: '@position', type: integer, description: d}
      - {name: category, path: category, type: CodeableConcept, description: d}
      - {name: amount, path: amount, type: Money, description: d}
  - name: eob_diagnosis
    description: Diagnoses.
    rows: diagnosis
    key: [eob_id, sequence]
    columns:
      - {name: eob_id, path: $.id, type: id, description: d}
      - {name: sequence, path: sequence, type: integer, description: d}
      - {name: code, path: diagnosisCodeableConcept, type: CodeableConcept, description: d}
      - {name: type, path: type.0, type: CodeableConcept, description: d}
  - name: eob_care_team
    description: Providers.
    rows: careTeam
    key: [eob_id, sequence]
    columns:
      - {name: eob_id, path: $.id, type: id, description: d}
      - {name: sequence, path: sequence, type: integer, description: d}
      - {name: provider, path: provider, type: Reference, description: d}
      - {name: role, path: role, type: CodeableConcept, description: d}
  - name: eob_supporting_info
    description: Supporting information.
    rows: supportingInfo
    key: [eob_id, sequence]
    columns:
      - {name: eob_id, path: $.id, type: id, description: d}
      - {name: sequence, path: sequence, type: integer, description: d}
      - {name: category, path: category, type: CodeableConcept, description: d}
      - {name: code, path: code, type: CodeableConcept, description: d}
      - {name: value, path: valueQuantity, type: Quantity, description: d}
`

func eobPlan(t testing.TB) *Plan {
	t.Helper()
	m, err := ParseMapping("eob.yaml", []byte(eobMapping))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile([]*Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const variables = "https://bluebutton.cms.gov/resources/variables/"

func (d dice) concept(system string, codes ...string) string {
	code := d.pick(codes...)
	return fmt.Sprintf(`{"coding":[{"system":"%s","code":"%s","display":"%s, as the data dictionary describes it at length (%s)"},{"system":"http://terminology.hl7.org/CodeSystem/other","code":"%s","display":"Another coding of the same"}],"text":"%s"}`,
		system, code, strings.ToUpper(code), code, d.pick(codes...), code)
}

func (d dice) list(n int, element func(i int) string) string {
	var parts []string
	for i := range n {
		parts = append(parts, element(i+1))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (d dice) amount() string { return fmt.Sprintf("%d.%02d", d.IntN(5000), d.IntN(100)) }

func (d dice) adjudications() string {
	return d.list(7, func(i int) string {
		category := []string{"submitted", "eligible", "deductible", "coinsurance", "benefit", "noncovered", "copay"}[i-1]
		return fmt.Sprintf(`{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"%s","display":"%s amount"},{"system":"%sline_%s_amt","code":"%sline_%s_amt","display":"Line amount, in US dollars, of a kind that takes a while to say"}]},"amount":{"value":%s,"currency":"USD"}}`,
			category, category, variables, category, variables, category, d.amount())
	})
}

func (d dice) item(i int) string {
	return fmt.Sprintf(`{"extension":[{"url":"%sline_cd","valueCoding":{"system":"%sline_cd","code":"0","display":"No"}}],"sequence":%d,"diagnosisSequence":[1,2],"revenue":%s,"productOrService":%s,"servicedPeriod":{"start":"2024-%02d-%02d","end":"2024-12-31"},"locationCodeableConcept":%s,"quantity":{"value":%d,"unit":"Units"},"adjudication":%s}`,
		variables, variables, i, d.concept(variables+"rev_cntr", "0250", "0300", "0450"), d.concept("https://bluebutton.cms.gov/resources/codesystem/hcpcs", "99213", "99214", "G0008", "J1100"),
		d.IntN(12)+1, d.IntN(28)+1, d.concept(variables+"plc_srvc_cd", "11", "21", "22"), d.IntN(9)+1, d.adjudications())
}

// eob is one line of about 15 KB in the shape that CMS sends.
func (d dice) eob(nr int) string {
	return fmt.Sprintf(`{"resourceType":"ExplanationOfBenefit","id":"outpatient-%d","meta":{"lastUpdated":"2024-05-06T07:08:09.123+00:00","profile":["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Outpatient-Institutional"]},`, nr) +
		`"extension":` + d.list(6, func(i int) string {
		return fmt.Sprintf(`{"url":"%sclm_ext_%d","valueIdentifier":{"system":"%sclm_ext_%d","value":"%d"}}`, variables, i, variables, i, d.IntN(1000))
	}) + fmt.Sprintf(`,"identifier":[{"type":{"coding":[{"system":"http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType","code":"uc","display":"Unique Claim ID"}]},"system":"%sclm_id","value":"-%d"}],"status":"%s","type":%s,"use":"claim","patient":{"reference":"Patient/-%d"},"billablePeriod":{"start":"2024-01-02","end":"2024-01-03"},"created":"2024-05-06T07:08:09+00:00","insurer":{"identifier":{"value":"CMS"}},"provider":{"reference":"#provider-org","display":"Good \"Health\" Clinic"},"outcome":"complete","careTeam":`,
		variables, nr, d.pick("active", "cancelled"), d.concept(variables+"nch_clm_type_cd", "40", "60"), d.IntN(100000)) +
		d.list(3, func(i int) string {
			return fmt.Sprintf(`{"sequence":%d,"provider":{"identifier":{"type":{"coding":[{"code":"npi"}]},"value":"9999%06d"},"display":"Dr. Łukasz Müller"},"role":%s}`, i, d.IntN(1000000), d.concept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole", "attending", "operating", "primary"))
		}) + `,"supportingInfo":` + d.list(8, func(i int) string {
		return fmt.Sprintf(`{"sequence":%d,"category":%s,"code":%s}`, i, d.concept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "typeofbill", "discharge-status", "pointoforigin", "admtype"), d.concept(variables+"clm_freq_cd", "1", "7", "8"))
	}) + `,"diagnosis":` + d.list(5, func(i int) string {
		return fmt.Sprintf(`{"sequence":%d,"diagnosisCodeableConcept":%s,"type":[%s]}`, i, d.concept("http://hl7.org/fhir/sid/icd-10-cm", "E11.9", "I10", "Z23", "J45.909"), d.concept("http://terminology.hl7.org/CodeSystem/ex-diagnosistype", "principal", "other"))
	}) + `,"item":` + d.list(1+d.IntN(8), d.item) + `,"total":` + d.adjudications() +
		fmt.Sprintf(`,"payment":{"date":"2024-02-02","amount":{"value":%s,"currency":"USD"}}}`, d.amount())
}

func eobLines(n int) string {
	d := dice{rand.New(rand.NewPCG(1, 2))}
	var b strings.Builder
	for i := range n {
		b.WriteString(d.eob(i) + "\n")
	}
	return b.String()
}

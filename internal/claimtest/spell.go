package claimtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

type object = map[string]any

const (
	adjudication = "http://terminology.hl7.org/CodeSystem/adjudication"
	claimType    = "http://terminology.hl7.org/CodeSystem/claim-type"
	ucSystem     = "https://payer.example/claim"
	cms          = "https://bluebutton.cms.gov/resources/variables/"
)

// Lines spells the claims of a history that come in a run as NDJSON.
func (h History) Lines(run int) string {
	var b strings.Builder
	for _, c := range h.Claims {
		if c.Run == run {
			b.WriteString(line(h.spell(c)))
		}
	}
	return b.String()
}

// Lines spells what comes of histories in a run, by source.
func Lines(histories []History, run int) map[string]string {
	all := map[string]*strings.Builder{}
	for _, h := range histories {
		if all[h.Source] == nil {
			all[h.Source] = new(strings.Builder)
		}
		all[h.Source].WriteString(h.Lines(run))
	}
	lines := map[string]string{}
	for source, b := range all {
		lines[source] = b.String()
	}
	return lines
}

func line(resource object) string {
	text, err := json.Marshal(resource)
	if err != nil {
		panic(err) // all of it was made here
	}
	return string(text) + "\n"
}

func hour(n int) string {
	return time.Date(2024, 3, 1, n, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

func coded(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

// cents is an amount as JSON has it.
func cents(n int64) json.Number {
	sign := ""
	if n < 0 {
		sign = "-"
	}
	return json.Number(fmt.Sprintf("%s%d.%02d", sign, abs(n)/100, abs(n)%100))
}

func amountOf(category string, n int64) object {
	return object{"category": coded(adjudication, category), "amount": object{"value": cents(n), "currency": "USD"}}
}

func (h History) spell(c Claim) object {
	day := fmt.Sprintf("2024-%02d-05", c.Month)
	r := object{
		"resourceType": "ExplanationOfBenefit", "id": c.ID, "status": "active", "use": "claim", "outcome": "complete",
		"type": coded(claimType, "professional"), "patient": object{"reference": "Patient/" + h.Patient},
		"created": hour(c.Made), "billablePeriod": object{"start": day, "end": day}, "meta": object{"lastUpdated": hour(c.Changed)},
	}
	c.identify(r)
	c.relate(r)
	c.effect(r)
	c.amounts(r)
	if c.NotFinal {
		r["meta"] = object{"lastUpdated": hour(c.Changed), "tag": []object{{"system": "https://bluebutton.cms.gov/fhir/CodeSystem/Final-Action", "code": "NotFinalAction"}}}
	}
	return r
}

func add(r object, list string, more object) {
	old, _ := r[list].([]object)
	r[list] = append(old, more)
}

func extend(r object, variable string, value object) {
	value["url"] = cms + variable
	add(r, "extension", value)
}

func (c Claim) identify(r object) {
	if c.Unique != "" {
		add(r, "identifier", object{"type": coded("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType", "uc"), "system": ucSystem, "value": c.Unique})
	}
	if c.Group != "" {
		add(r, "identifier", object{"system": "https://bluebutton.cms.gov/resources/identifier/claim-group", "value": c.Group})
	}
	if c.ClaimID != "" {
		r["claim"] = object{"reference": "Claim/" + c.ClaimID}
	}
	if c.Control != "" {
		extend(r, "fi_doc_clm_cntl_num", object{"valueIdentifier": object{"system": cms + "fi_doc_clm_cntl_num", "value": c.Control}})
	}
}

func (c Claim) relate(r object) {
	if c.Prior.Way == ByControl {
		extend(r, "fi_orig_clm_cntl_num", object{"valueIdentifier": object{"system": cms + "fi_orig_clm_cntl_num", "value": c.Prior.Value}})
	} else if c.Prior.Way != ByNothing {
		add(r, "related", c.Prior.related(r, "prior"))
	}
	if c.Later.Way != ByNothing {
		add(r, "related", c.Later.related(r, "replacedby"))
	}
}

func (n Name) related(r object, how string) object {
	related := object{"relationship": []object{
		coded("http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", how), coded("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBRelatedClaimRelationshipCodes", how), {"text": strings.ToUpper(how)},
	}[len(n.Value)%3]}
	switch n.Way {
	case ByNothing, ByControl: // no related claim
	case ByReference:
		related["claim"] = object{"reference": "ExplanationOfBenefit/" + n.Value}
	case ByURL:
		related["claim"] = object{"reference": "https://payer.example/fhir/ExplanationOfBenefit/" + n.Value + "/_history/1"}
	case ByClaim, ByClaimOfID:
		related["claim"] = object{"reference": "Claim/" + n.Value}
	case ByIdentifier:
		related["claim"] = object{"identifier": object{"system": ucSystem, "value": n.Value}}
	case ByBareValue:
		related["claim"] = object{"identifier": object{"value": n.Value}}
	case ByReferenceUC:
		related["reference"] = object{"system": ucSystem, "value": n.Value}
	case ByBareReference:
		related["reference"] = object{"value": n.Value}
	case ByTypedUC:
		related["reference"] = object{"type": coded("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType", "uc"), "value": n.Value}
	case ByContained:
		related["claim"] = object{"reference": "#before"}
		add(r, "contained", object{"resourceType": "Claim", "id": "before", "identifier": []object{{"system": ucSystem, "value": n.Value}}})
	}
	return related
}

// effect spells what a claim is: its status, or the code that cancels another.
func (c Claim) effect(r object) {
	switch c.Status {
	case "queued", "error":
		r["outcome"] = c.Status
	case "preauthorization":
		r["use"] = c.Status
	case "":
	default:
		r["status"] = c.Status
	}
	kind, code, _ := strings.Cut(c.Code, " ")
	switch c.Billing {
	case "interim":
		kind, code = "tob", []string{"0112", "113", "4"}[len(c.ID)%3]
	case "late":
		kind, code = "tob", "0135"
	}
	switch kind {
	case "tob":
		add(r, "supportingInfo", object{"sequence": 1, "category": coded("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "typeofbill"), "code": coded("https://www.nubc.org/CodeSystem/TypeOfBill", code)})
	case "query":
		r["billablePeriod"].(object)["extension"] = []object{{"url": cms + "claim_query_cd", "valueCoding": object{"code": code}}}
	case "fi":
		extend(r, "fi_clm_actn_cd", object{"valueCoding": object{"code": code}})
	case "carrier":
		extend(r, "carr_clm_entry_cd", object{"valueCoding": object{"code": code}})
	case "pde":
		add(r, "supportingInfo", object{"sequence": 1, "category": coded("http://terminology.hl7.org/CodeSystem/claiminformationcategory", cms+"adjstmt_dltn_cd"), "code": coded(cms+"adjstmt_dltn_cd", code)})
	}
}

// amounts spells charge and payment where the style says: on a line, on two, as totals,
// as totals and on lines without a sign, as adjudications of the header, or on two lines
// with totals.
func (c Claim) amounts(r object) {
	items := make([]object, 1)
	if c.Style == 1 || c.Style == 5 {
		items = make([]object, 2)
	}
	for i := range items {
		items[i] = object{"sequence": i + 1, "productOrService": coded("http://www.ama-assn.org/go/cpt", "99213")}
	}
	for category, n := range map[string]*int64{"submitted": c.Charge, "benefit": c.Paid} {
		if n == nil {
			continue
		}
		switch c.Style {
		case 0:
			add(items[0], "adjudication", amountOf(category, *n))
		case 1, 5:
			add(items[0], "adjudication", amountOf(category, *n/2))
			add(items[1], "adjudication", amountOf(category, *n-*n/2))
		case 3:
			add(items[0], "adjudication", amountOf(category, abs(*n)))
		case 4:
			add(r, "adjudication", amountOf(category, *n))
		}
		if c.Style == 2 || c.Style == 3 || c.Style == 5 {
			add(r, "total", amountOf(category, *n))
		}
	}
	r["item"] = items
}

package views

import (
	"fmt"
	"strings"
)

// amount is a kind of amount: the column of claim_line, and where a line and a header
// say it. Line is of a row i of the lines, Header of a row e of the claims, with the
// places it may stand in, the first of which counts.
type amount struct {
	Kind, Line  string
	Header      []place
	Description string
}

// place is where a header has an amount.
type place struct{ Name, SQL string }

// header is an amount that a header has as an adjudication, a total or, of CMS, a
// benefit balance.
func header(column, balance string) []place {
	places := []place{{"adjudication", "e.adjudication_" + column}, {"total", "e." + column}}
	if balance != "" {
		places = append(places, place{"benefit balance", balance})
	}
	return places
}

// paidTo is what was paid to provider and patient together, given a table's prefix.
func paidTo(p string) string {
	return fmt.Sprintf("coalesce(%[1]sbenefit, %[1]spaidtoprovider + %[1]spaidtopatient, %[1]spaidtoprovider, %[1]spaidtopatient)", p)
}

var amounts = []amount{
	{"charge", "coalesce(i.submitted, i.net)", header("submitted", ""), "Charged by the provider"},
	{"allowed", "i.eligible", header("eligible", "e.balance_eligible"), "Allowed by the contract or fee schedule"},
	{"paid", paidTo("i."), []place{{"adjudication", paidTo("e.adjudication_")}, {"total", paidTo("e.")}, {"payment", "e.payment_amount"}}, "Paid by the plan"},
	{"deductible", "i.deductible", header("deductible", "coalesce(e.balance_deductible + e.balance_blood_deductible, e.balance_deductible, e.balance_blood_deductible)"), "Deductible"},
	{"coinsurance", "CASE WHEN i.gross_drug_cost IS NULL THEN i.coinsurance END", header("coinsurance", "e.balance_coinsurance"), "Coinsurance"},
	{"copay", "i.copay", header("copay", ""), "Copayment"},
	{"noncovered", "i.noncovered", header("noncovered", "e.balance_noncovered"), "Not covered by the plan"},
	{"prior_payer", "i.priorpayerpaid", header("priorpayerpaid", "e.balance_priorpayerpaid"), "Paid by other payers before"},
	{"member_liability", "i.memberliability", header("memberliability", ""), "Owed by the member in all"},
	{"drug_cost", "i.drugcost", header("drugcost", ""), "Cost of the drug"},
}

// Name is the column of claim_line.
func (a amount) Name() string { return a.Kind + "_amount" }

// HeaderSQL is what the header says.
func (a amount) HeaderSQL() string {
	var all []string
	for _, p := range a.Header {
		all = append(all, p.SQL)
	}
	return "coalesce(" + strings.Join(all, ", ") + ")"
}

// HeaderFrom is which part of the header says it.
func (a amount) HeaderFrom() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, p := range a.Header {
		_, _ = fmt.Fprintf(&b, " WHEN %s IS NOT NULL THEN '%s'", p.SQL, p.Name)
	}
	return b.String() + " END"
}

// ownElse is the amount of a line, else of what is below it. A zero above other amounts
// says as little as nothing.
func ownElse(own, below string) string {
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR %[1]s = 0 AND coalesce(%[2]s, 0) <> 0 THEN %[2]s ELSE %[1]s END", own, below)
}

// kindsOfLine is a list of each kind and its amount of a line.
func (d dialect) kindsOfLine(all []amount) string {
	var rows []string
	for _, a := range all {
		rows = append(rows, fmt.Sprintf(d.row, "'"+a.Kind+"', "+a.Line))
	}
	return "[" + strings.Join(rows, ", ") + "]"
}

// kindsOfHeader is a list of each kind, its amount of a header and where that stands.
func (d dialect) kindsOfHeader(all []amount) string {
	var rows []string
	for _, a := range all {
		rows = append(rows, fmt.Sprintf(d.row, "'"+a.Kind+"', "+a.HeaderSQL()+", "+a.HeaderFrom()))
	}
	return "[" + strings.Join(rows, ", ") + "]"
}

// claimType is the kind of a claim e.
const claimType = `CASE
        WHEN e.claim_type_code = 'oral' THEN 'dental'
        WHEN e.claim_type_code IN ('institutional', 'professional', 'pharmacy', 'vision') THEN e.claim_type_code
        WHEN e.cms_eob_type IN ('CARRIER', 'DME') THEN 'professional'
        WHEN e.cms_eob_type IN ('INPATIENT', 'OUTPATIENT', 'SNF', 'HOSPICE', 'HHA') THEN 'institutional'
        WHEN e.cms_eob_type = 'PDE' THEN 'pharmacy'
        WHEN e.cms_claim_type_code IN ('10', '20', '30', '40', '50', '60', '61', '62', '63', '64') THEN 'institutional'
        WHEN e.cms_claim_type_code IN ('71', '72', '81', '82') THEN 'professional'
        WHEN e.type_code = 'oral' THEN 'dental'
        WHEN e.type_code IN ('institutional', 'professional', 'pharmacy', 'vision') THEN e.type_code
        ELSE 'undetermined'
    END`

// totalLine is whether a line i is that of the revenue center that sums up the others.
const totalLine = "CASE WHEN i.revenue_code IN ('0001', '001', '01', '1') THEN 1 ELSE 0 END"

// lineOfBusiness is what a coverage is for, by its type or, with Medicare, its part.
const lineOfBusiness = `CASE
            WHEN upper(coalesce(type_code, '')) IN ('DRUGPOL', 'DRUG', 'PHARMACY', 'RX') OR upper(coalesce(class_plan_value, class_plan_name, class_subplan_value, '')) LIKE '%PART%D' THEN 'drug'
            WHEN upper(coalesce(type_code, '')) IN ('DENTPRG', 'DENTAL', 'DENT') THEN 'dental'
            WHEN upper(coalesce(type_code, '')) IN ('VISPOL', 'VISION') THEN 'vision'
            ELSE 'medical'
        END`

// inForce is whether a coverage covers its period, given its table's prefix. FHIR has no
// status for one that is over: senders say cancelled and when it ended. One that is
// cancelled and does not say when never was.
func inForce(p string) string {
	return fmt.Sprintf("(coalesce(%[1]sstatus, 'active') NOT IN ('cancelled', 'entered-in-error', 'draft') OR %[1]sstatus = 'cancelled' AND %[1]speriod_end IS NOT NULL)", p)
}

// memberID is the member's number in claims and eligibility alike, of a patient p: it
// depends on the patient alone, so that both sides join.
const memberID = "coalesce(p.member_number, p.unique_member_id, p.medicare_number, p.bene_id, p.id)"

// totalCost is what all payers and the member pay together for a line l.
const totalCost = `CASE
        WHEN l.allowed_amount IS NOT NULL THEN l.allowed_amount
        WHEN l.paid_amount IS NOT NULL THEN l.paid_amount + coalesce(l.prior_payer_amount, 0) + coalesce(l.deductible_amount, 0) + coalesce(l.coinsurance_amount, 0) + coalesce(l.copay_amount, 0)
    END`

// near is a rule for claims that differ in one thing alone.
type near struct {
	Rule  string
	Same  []string
	Other string
	And   string // what else must hold
}

var nearly = []near{
	{"near: another provider", []string{"first_day", "codes", "amount"}, "provider", ""},
	{"near: another day", []string{"provider", "codes", "amount"}, "first_day", " AND abs(date_diff('day', a.first_day, b.first_day)) <= 3"},
	{"near: other codes", []string{"provider", "first_day", "amount"}, "codes", ""},
	{"near: another amount", []string{"provider", "first_day", "codes"}, "amount", ""},
}

// careTeam is a SELECT of the NPI of a claim's care team member in one of some roles,
// which are given as SQL has them.
func careTeam(roles string) string {
	return `SELECT _source, explanation_of_benefit_id, min(npi) AS npi
    FROM (
        SELECT
            _source, explanation_of_benefit_id,
            coalesce(provider_npi, CASE WHEN provider_identifier_system = 'http://hl7.org/fhir/sid/us-npi' THEN provider_identifier END) AS npi
        FROM explanation_of_benefit_care_team
        WHERE role_code IN (` + roles + `)
    ) AS c
    GROUP BY _source, explanation_of_benefit_id`
}

// diagnosisCodes is how many diagnoses of a claim have columns of their own.
const diagnosisCodes = 12

// diagnoses is a SELECT of the diagnoses of each claim, in the order of their sequence,
// and of the principal one. of is the claims' main table.
func diagnoses(of string) string {
	var places strings.Builder
	for i := range diagnosisCodes {
		_, _ = fmt.Fprintf(&places, "max(CASE WHEN place = %[1]d THEN code END) AS diagnosis_code_%[1]d, ", i+1)
	}
	return fmt.Sprintf(`SELECT _source, %[1]s_id, %[2]smax(CASE WHEN is_principal = 1 THEN code END) AS principal_code
    FROM (
        SELECT
            _source, %[1]s_id, coalesce(diagnosis_code_plain, diagnosis_code) AS code,
            CASE WHEN type_code = 'principal' THEN 1 ELSE 0 END AS is_principal,
            row_number() OVER (PARTITION BY _source, %[1]s_id ORDER BY coalesce(sequence, position), position) AS place
        FROM %[1]s_diagnosis
    ) AS d
    GROUP BY _source, %[1]s_id`, of, places.String())
}

package views

import (
	"fmt"
	"strings"
)

// amount is a column of claim_line: what it is of a line i, and of a header e that
// has no lines. Amounts of a header with lines are not spread over them.
type amount struct{ Name, Line, Header, Description string }

var amounts = []amount{
	{"charge_amount", "coalesce(i.submitted, i.net)", "coalesce(e.submitted, e.adjudication_submitted)", "Charged by the provider"},
	{"allowed_amount", "i.eligible", "coalesce(e.eligible, e.adjudication_eligible)", "Allowed by the contract or fee schedule"},
	{"paid_amount", "coalesce(i.benefit, i.paidtoprovider)", "coalesce(e.benefit, e.adjudication_benefit, e.payment_amount)", "Paid by the plan"},
	{"deductible_amount", "i.deductible", "coalesce(e.deductible, e.adjudication_deductible)", "Deductible"},
	{"coinsurance_amount", "i.coinsurance", "coalesce(e.coinsurance, e.adjudication_coinsurance)", "Coinsurance"},
	{"copay_amount", "i.copay", "coalesce(e.copay, e.adjudication_copay)", "Copayment"},
	{"noncovered_amount", "i.noncovered", "coalesce(e.noncovered, e.adjudication_noncovered)", "Not covered by the plan"},
	{"prior_payer_amount", "i.priorpayerpaid", "coalesce(e.priorpayerpaid, e.adjudication_priorpayerpaid)", "Paid by other payers before"},
	{"member_liability_amount", "i.memberliability", "coalesce(e.memberliability, e.adjudication_memberliability)", "Owed by the member in all"},
	{"drug_cost_amount", "i.drugcost", "coalesce(e.drugcost, e.adjudication_drugcost)", "Cost of the drug"},
}

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

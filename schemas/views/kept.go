package views

import "github.com/claimlake/claimlake/internal/table"

// patients are what kept views read, with child tables, and what they join these by.
var patients = table.Patients{
	Subjects: []table.Subject{
		{Table: "explanation_of_benefit", Patient: "patient_id"},
		{Table: "claim", Patient: "patient_id"},
		{Table: "coverage", Patient: "patient_id"},
		{Table: "patient", Patient: "id"},
	},
	Links: []table.Link{
		{Table: "explanation_of_benefit", Column: "insurance_coverage_id", To: "coverage"},
		{Table: "explanation_of_benefit", Column: "claim_id", To: "claim"},
	},
}

const eob = "explanation_of_benefit"

// kept are the views that ClickHouse keeps, and a stage by the name of its internal view.
// The others read these. What follows from the present day, or from resources that are of
// no patient, cannot be kept like this: the Tuva Project's views have the plans' claims and
// organizations in them, and member_month the present month.
var kept = map[string]table.Kept{
	"claim_balance":        {Source: "_source", Patient: "patient_id", Resource: eob, ID: "claim_id", Filters: []string{"patient_id", "claim_id"}, Key: []string{"_source", "kind"}},
	"claim_amount":         {Source: "_source", Patient: "patient_id", Resource: eob, ID: "claim_id", Filters: []string{"patient_id", "claim_id"}, Key: []string{"_source"}},
	"_claim_version_split": {Source: "_source", Patient: "patient", Resource: eob, ID: "id", Filters: []string{"patient"}, Key: []string{"_source", "id", "role", "name"}, Shared: "name"},
	"claim_version":        {Source: "_source", Patient: "patient_id", Resource: eob, ID: "claim_id", Filters: []string{"patient_id", "claim_id"}, Key: []string{"_source"}},
	"claim_line":           {Source: "_source", Patient: "patient_id", Resource: eob, ID: "claim_id", Filters: []string{"service_start_date", "patient_id", "claim_id", "paid_date", "claim_start_date"}, Key: []string{"_source", "line_path"}},
	"submitted_claim_line": {Source: "_source", Patient: "patient_id", Resource: "claim", ID: "claim_id", Filters: []string{"service_start_date", "patient_id", "claim_id", "claim_start_date"}, Key: []string{"_source", "line_path"}},
	"claim_duplicate":      {Source: "_source", Pair: [4]string{"_source", "claim_id", "duplicate_source", "duplicate_claim_id"}, Resource: eob, Filters: []string{"claim_id", "duplicate_claim_id"}, Key: []string{"_source", "duplicate_source"}, Across: true},
	"eligibility_span":     {Source: "_source", Patient: "patient_id", Filters: []string{"patient_id", "first_day", "last_day"}, Key: []string{"_source", "line_of_business", "payer"}},
}

// keptAs says how ClickHouse keeps a view; nil: it computes it at every query.
func keptAs(name string) *table.Kept {
	k, ok := kept[name]
	if !ok {
		return nil
	}
	k.Of = &patients
	return &k
}

package views

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBothDialectsHaveTheSameColumns(t *testing.T) {
	click, err := ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	duck, err := DuckDB()
	if err != nil {
		t.Fatal(err)
	}
	click = slices.DeleteFunc(click, View.Internal)
	for i, v := range click {
		if diff := cmp.Diff(v.Columns, duck[i].Columns); diff != "" || len(v.Columns) == 0 {
			t.Errorf("%s has %d columns: %s", v.Name, len(v.Columns), diff)
		}
		for _, sql := range []string{v.SQL, duck[i].SQL} {
			if strings.Contains(sql, "{{") || strings.Contains(sql, "<no value>") || strings.Contains(sql, " -- ") || strings.Contains(sql, ";") {
				t.Errorf("%s is not rendered: %s", v.Name, sql)
			}
		}
		for _, c := range v.Columns {
			if c.Description == "" || strings.Contains(c.Description, "%!") {
				t.Errorf("%s.%s is described as %q", v.Name, c.Name, c.Description)
			}
		}
	}
}

// tuva are the columns of the Tuva Project's input layer, in its order. A number
// means so many columns, from 1 on.
var tuva = map[string]string{
	"medical_claim": `claim_id claim_line_number claim_type person_id member_id payer plan claim_start_date claim_end_date
		claim_line_start_date claim_line_end_date admission_date discharge_date admit_source_code admit_type_code
		discharge_disposition_code place_of_service_code bill_type_code drg_code_type drg_code revenue_center_code
		service_unit_quantity hcpcs_code hcpcs_modifier_:5 rendering_npi rendering_tin billing_npi billing_tin facility_npi
		paid_date paid_amount allowed_amount charge_amount coinsurance_amount copayment_amount deductible_amount
		total_cost_amount diagnosis_code_type diagnosis_code_:25 diagnosis_poa_:25 procedure_code_type procedure_code_:25
		procedure_date_:25 in_network_flag data_source file_name file_date ingest_datetime`,
	"pharmacy_claim": `claim_id claim_line_number person_id member_id payer plan prescribing_provider_npi
		dispensing_provider_npi dispensing_date ndc_code quantity days_supply refills paid_date paid_amount allowed_amount
		charge_amount coinsurance_amount copayment_amount deductible_amount in_network_flag data_source file_name file_date
		ingest_datetime`,
	"eligibility": `person_id member_id subscriber_id gender race birth_date death_date death_flag enrollment_start_date
		enrollment_end_date payer payer_type plan original_reason_entitlement_code dual_status_code medicare_status_code
		enrollment_status hospice_flag institutional_snp_flag long_term_institutional_flag group_id group_name name_suffix
		first_name middle_name last_name social_security_number subscriber_relation address city state zip_code phone email
		ethnicity data_source file_name file_date ingest_datetime`,
}

func TestTuvaViewsHaveTuvasColumns(t *testing.T) {
	list, err := ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, v := range list {
		columns, ok := tuva[v.Name]
		if !ok {
			continue
		}
		tested++
		var got []string
		for _, c := range v.Columns {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(numbered(strings.Fields(columns)), got); diff != "" {
			t.Errorf("%s: %s", v.Name, diff)
		}
	}
	if tested != len(tuva) {
		t.Errorf("%d of %d views are there", tested, len(tuva))
	}
}

// numbered spells columns out that come several times.
func numbered(columns []string) []string {
	var out []string
	for _, c := range columns {
		stem, last, several := strings.Cut(c, ":")
		if !several {
			out = append(out, c)
			continue
		}
		n := map[string]int{"5": 5, "25": 25}[last]
		for _, i := range seq(1, n) {
			out = append(out, stem+strconv.Itoa(i))
		}
	}
	return out
}

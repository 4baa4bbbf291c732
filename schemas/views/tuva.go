package views

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

// Tuva says which tables the Tuva Project's input layer has, in which each view of
// TuvaDuckDB is cast: a table's name, then its columns and their types.
//
//go:embed tuva/input_layer.txt
var inputLayer string

// TuvaTable is a table of the Tuva Project's input layer.
type TuvaTable struct {
	Name    string
	Columns []TuvaColumn
	View    *View // nil where claimlake has nothing to fill it with
}

// TuvaColumn is a column of the input layer. Type is varchar, integer, date, timestamp,
// double, amount or quantity.
type TuvaColumn struct{ Name, Type string }

// claimsOfTuva are the tables of the input layer that are also views for analysts.
var claimsOfTuva = []string{"medical_claim", "pharmacy_claim", "eligibility"}

// clinicalOfTuva are those that only Tuva reads: the lake's tables have the same names.
var clinicalOfTuva = []string{"patient", "encounter", "condition", "procedure", "observation", "lab_result", "medication", "practitioner", "location"}

// Tuva gives the tables of the Tuva Project's input layer, with views for DuckDB: Tuva's
// dbt package does not support ClickHouse.
func Tuva() ([]TuvaTable, error) { return tuva(duckDB) }

func tuva(d dialect) ([]TuvaTable, error) {
	made := map[string]*View{}
	for _, name := range claimsOfTuva {
		v, err := d.view(name)
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", name, err)
		}
		made[name] = &v
	}
	for _, name := range clinicalOfTuva {
		v, err := d.view("tuva/" + name)
		if err != nil {
			return nil, fmt.Errorf("view tuva/%s: %w", name, err)
		}
		v.Name = name
		made[name] = &v
	}
	var tables []TuvaTable
	for line := range strings.Lines(inputLayer) {
		words := strings.Fields(line)
		switch {
		case len(words) == 1:
			tables = append(tables, TuvaTable{Name: words[0], View: made[words[0]]})
		case len(words) == 2:
			t := &tables[len(tables)-1]
			t.Columns = append(t.Columns, TuvaColumn{Name: words[0], Type: words[1]})
		}
	}
	return tables, nil
}

// tuvaFunctions are those that only the input layer's views use.
func (d dialect) tuvaFunctions() template.FuncMap {
	return template.FuncMap{
		"decimalText": func(x string) string { return fmt.Sprintf(d.decimalText, x) },
		"result":      d.result,
		"gender":      func() string { return tuvaGender },
		"race":        func() string { return tuvaRace },
		"payer":       func() string { return "coalesce(" + payorOf + ", 'unknown')" },
		"plan":        func() string { return tuvaPlan },
		"endOfMonth":  d.endOfMonth,
		"padded":      padded,
		"payerType":   func() string { return tuvaPayerType },
		"plain":       func(x string) string { return fmt.Sprintf("replace(%s, '.', '')", x) },
		"ndc":         ndc,
		"npi":         d.npi,
		"team":        d.team,
		"billing": func() string {
			return "coalesce(" + d.npi("l.billing_npi") + ", " + d.npi("o.npi") + ", " + d.npi("a.npi") + ")"
		},
		"network": func() string { return tuvaNetwork },
	}
}

// tuvaGender is the sex of a patient p in Tuva's words.
const tuvaGender = "CASE WHEN lower(p.gender) IN ('male', 'female') THEN lower(p.gender) ELSE 'unknown' END"

// tuvaRace is the race of a patient p in Tuva's words: by US Core's code, else CMS's.
const tuvaRace = `CASE
        WHEN p.race_code IN ('1002-5') THEN 'american indian or alaska native'
        WHEN p.race_code IN ('2028-9') THEN 'asian'
        WHEN p.race_code IN ('2054-5') THEN 'black or african american'
        WHEN p.race_code IN ('2076-8') THEN 'native hawaiian or other pacific islander'
        WHEN p.race_code IN ('2106-3') THEN 'white'
        WHEN p.race_code IN ('2131-1') THEN 'other race'
        WHEN p.race_code IN ('ASKU') THEN 'asked but unknown'
        WHEN p.cms_race_code = '1' THEN 'white'
        WHEN p.cms_race_code = '2' THEN 'black or african american'
        WHEN p.cms_race_code IN ('3', '5') THEN 'other race'
        WHEN p.cms_race_code = '4' THEN 'asian'
        WHEN p.cms_race_code = '6' THEN 'american indian or alaska native'
        WHEN lower(coalesce(p.race_display, p.race_text)) IN ('american indian or alaska native', 'asian', 'asked but unknown', 'black or african american', 'native hawaiian or other pacific islander', 'other race', 'white') THEN lower(coalesce(p.race_display, p.race_text))
        ELSE 'unknown'
    END`

// payorOf is who pays by a coverage c, of an organization o if it is known.
const payorOf = "c.payor_display, o.organization_name, c.payor_identifier, c.payor_id"

// tuvaPlan is the plan of a coverage c. Tuva counts a member month for each plan: the
// parts of Medicare are one.
const tuvaPlan = `CASE
        WHEN upper(coalesce(c.class_plan_value, c.class_plan_name, c.class_subplan_value, '')) LIKE '%PART%' AND (c.medicare_status_code IS NOT NULL OR lower(coalesce(c.class_group_value, c.class_group_name, '')) = 'medicare' OR c.type_code IN ('MCPOL', 'SUBSIDIZ')) THEN 'Medicare'
        ELSE coalesce(c.class_plan_name, c.class_plan_value, c.class_subplan_name, c.class_subplan_value, c.class_group_name, c.class_group_value, c.type_code, ` + payorOf + `, 'unknown')
    END`

// tuvaPayerType is medicare, medicaid or commercial, by a coverage's type or CMS's group.
const tuvaPayerType = `CASE
        WHEN c.type_code IN ('MCPOL', 'MEDICARE') OR c.type_sopt_code LIKE '1%' OR c.medicare_status_code IS NOT NULL OR lower(coalesce(c.class_group_value, c.class_group_name)) = 'medicare' THEN 'medicare'
        WHEN c.type_code IN ('MEDICAID', 'SUBSIDIZ') OR c.type_sopt_code LIKE '2%' THEN 'medicaid'
        WHEN c.type_code IN ('SELFINS') THEN 'self-insured'
        ELSE 'commercial'
    END`

// tuvaNetwork is whether the provider of a claim e is in the plan's network.
const tuvaNetwork = "CASE WHEN e.billing_network_status IN ('contracted', 'innetwork') THEN 1 WHEN e.billing_network_status IN ('noncontracted', 'outofnetwork') THEN 0 END"

// ndc is a drug's code of eleven digits: one of ten digits lacks a zero in a part that
// only dashes show.
func ndc(x string) string {
	pad := func(part, width string) string {
		return fmt.Sprintf("lpad(%s, %s, '0')", part, width)
	}
	part := func(n string) string {
		return fmt.Sprintf("regexp_replace(%s, '^([0-9]+)-([0-9]+)-([0-9]+)$', '%s')", x, `\`+n)
	}
	return fmt.Sprintf("CASE WHEN %s LIKE '%%-%%-%%' THEN concat(%s, %s, %s) ELSE %[1]s END", x, pad(part("1"), "5"), pad(part("2"), "4"), pad(part("3"), "2"))
}

// padded is a code of digits with zeros before it.
func padded(x string, digits int) string {
	return fmt.Sprintf("CASE WHEN length(%s) < %d THEN lpad(%[1]s, %[2]d, '0') ELSE %[1]s END", x, digits)
}

// endOfMonth is the last day of the present month, to which an open coverage runs: Tuva
// counts months up to the end of a coverage, and knows no days after its calendar.
func (d dialect) endOfMonth() string {
	next := fmt.Sprintf(d.addMonths, fmt.Sprintf(d.date, "date_trunc('month', today())"), "1")
	return fmt.Sprintf(d.date, next+" - INTERVAL 1 DAY")
}

// npi is x if it has the form of an NPI.
func (d dialect) npi(x string) string {
	return fmt.Sprintf("CASE WHEN "+d.matches+" THEN %[1]s END", x, "^[0-9]{10}$")
}

// result is the value of an observation or a component, as text.
func (d dialect) result() string {
	return fmt.Sprintf("coalesce("+d.decimalText+", value_codeable_concept_display, value_codeable_concept_text, value_codeable_concept_code, value_string, "+d.asText+", "+d.asText+", "+d.asText+")",
		"value_quantity_value", "value_boolean", "value_integer", "value_date_time")
}

// team is a SELECT of the NPI of a claim's care team member in one of some roles, which
// are given as SQL has them: its own, or that of the resource that it names.
func (d dialect) team(roles string) string {
	return `SELECT t._source AS _source, t.explanation_of_benefit_id AS explanation_of_benefit_id, min(coalesce(` + d.npi("t.provider_npi") + `, ` + d.npi("p.npi") + `, ` + d.npi("o.npi") + `, ` + d.npi("t.provider_identifier") + `)) AS npi
    FROM explanation_of_benefit_care_team AS t
    LEFT JOIN practitioner AS p ON p._source = t._source AND p.id = t.provider_id
    LEFT JOIN organization AS o ON o._source = t._source AND o.id = t.provider_id
    WHERE t.role_code IN (` + roles + `)
    GROUP BY t._source, t.explanation_of_benefit_id`
}

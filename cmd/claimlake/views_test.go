package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/schemas/views"
)

func TestViewsAreDocumented(t *testing.T) {
	list, err := views.ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, views.View.Internal)
	var want bytes.Buffer
	if err := printViewsMarkdown(&want, list); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "docs", "views.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/views.md is not what the views say: run make docs")
	}
}

// eob is an ExplanationOfBenefit of patient p1 and provider org1 for a day, with a
// line for each of codes that costs so much, and what else is given.
func eob(id, day string, each float64, codes []string, more string) string {
	var items []string
	amount := func(code string, value float64) string {
		return fmt.Sprintf(`{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":%q}]},"amount":{"value":%.2f,"currency":"USD"}}`, code, value)
	}
	for i, code := range codes {
		items = append(items, fmt.Sprintf(`{"sequence":%d,"productOrService":{"coding":[{"system":"https://bluebutton.cms.gov/resources/codesystem/hcpcs","code":%q}]},"servicedDate":%q,"adjudication":[%s,%s,%s]}`,
			i+1, code, day, amount("submitted", each), amount("eligible", each/2), amount("benefit", each/4)))
	}
	return fmt.Sprintf(`{"resourceType":"ExplanationOfBenefit","id":%q,"status":"active","use":"claim","outcome":"complete","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},`+
		`"patient":{"reference":"Patient/p1"},"provider":{"reference":"Organization/org1"},"created":%q,"billablePeriod":{"start":%q,"end":%q},"payment":{"date":"2024-04-20"},"total":[%s],"item":[%s]%s}`,
		id, day, day, day, amount("submitted", each*float64(max(1, len(codes)))), strings.Join(items, ","), more) + "\n"
}

func prior(id string) string {
	return fmt.Sprintf(`,"related":[{"claim":{"reference":"ExplanationOfBenefit/%s"},"relationship":{"coding":[{"code":"prior"}]}}]`, id)
}

func group(id string) string {
	return fmt.Sprintf(`,"identifier":[{"system":"https://bluebutton.cms.gov/resources/identifier/claim-group","value":%q}]`, id)
}

func instead(text, was, is string) string { return strings.Replace(text, was, is, 1) }

// claimsOfAll are claims that a claims person can judge by eye.
func claimsOfAll() string {
	office, other := []string{"99213"}, []string{"99214", "36415"}
	return eob("adjusted-1", "2024-01-05", 100, office, "") +
		eob("adjusted-2", "2024-01-05", 80, office, prior("adjusted-1")) +
		eob("taken-back-1", "2024-02-05", 100, office, "") +
		eob("taken-back-2", "2024-02-05", -100, office, prior("taken-back-1")) +
		eob("grouped-1", "2024-03-01", 100, office, group("g")) +
		eob("grouped-2", "2024-03-02", 120, office, group("g")) +
		instead(eob("cancelled", "2024-04-01", 100, office, ""), `"active"`, `"cancelled"`) +
		instead(eob("planned", "2024-04-02", 100, office, ""), `"use":"claim"`, `"use":"preauthorization"`) +
		eob("not-final", "2024-04-03", 100, office, `,"meta":{"tag":[{"system":"https://bluebutton.cms.gov/fhir/CodeSystem/Final-Action","code":"NotFinalAction"}]}`) +
		eob("twice-1", "2024-05-05", 60, other, "") +
		eob("twice-2", "2024-05-05", 60, other, "") +
		eob("nearly", "2024-05-05", 61, other, "") +
		eob("header-only", "2024-06-05", 40, nil, "")
}

func covered(id, from, to string) string {
	end := ""
	if to != "" {
		end = fmt.Sprintf(`,"end":%q`, to)
	}
	return fmt.Sprintf(`{"resourceType":"Coverage","id":%q,"status":"active","beneficiary":{"reference":"Patient/p1"},"payor":[{"display":"Payer"}],"period":{"start":%q%s}}`, id, from, end) + "\n"
}

func TestViewsSayWhatAClaimsPersonWould(t *testing.T) {
	dir := t.TempDir()
	lake := newLake(t, filepath.Join(dir, "lake"))
	put(t, filepath.Join(dir, "in", "eob.ndjson"), claimsOfAll())
	put(t, filepath.Join(dir, "in", "coverage.ndjson"), covered("a", "2024-01-15", "2024-03-31")+covered("b", "2024-04-01", "2024-06-15")+
		covered("c", "2024-06-01", "2024-06-30")+covered("d", "2024-09-30", "2024-10-01")+covered("wrong", "2024-12-01", "2024-11-01"))
	if code, out, problems := command(t, "flatten", filepath.Join(dir, "in"), "--lake", lake); code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	served := serveLake(t, lake) // an engine for all of them
	for _, tc := range []struct{ name, sql, want string }{
		{"which version counts", "SELECT claim_id, is_final_action, reason FROM claim_version ORDER BY claim_id", `
adjusted-1,false,replaced
adjusted-2,true,latest version
cancelled,false,cancelled
grouped-1,false,older version
grouped-2,true,latest version
header-only,true,only version
nearly,true,only version
not-final,false,tagged as not final
planned,false,not a claim
taken-back-1,false,reversed
taken-back-2,false,reversal
twice-1,true,only version
twice-2,true,only version`},
		{"lines and their money", "SELECT claim_id, claim_line_number, procedure_code, service_start_date, charge_amount, allowed_amount, paid_amount FROM claim_line WHERE claim_id IN ('twice-1', 'header-only') ORDER BY claim_id, claim_line_number", `
header-only,1,,2024-06-05,40.0000,,
twice-1,1,99214,2024-05-05,60.0000,30.0000,15.0000
twice-1,2,36415,2024-05-05,60.0000,30.0000,15.0000`},
		{"all lines, each once", "SELECT count(), sum(charge_amount) FROM claim_line", "\n16,1102.0000"},
		{"medical claims are final", "SELECT claim_id, count(), sum(charge_amount) FROM medical_claim GROUP BY claim_id ORDER BY claim_id", `
adjusted-2,1,80.0000
grouped-2,1,120.0000
header-only,1,40.0000
nearly,2,122.0000
twice-1,2,120.0000
twice-2,2,120.0000`},
		{"no pharmacy claims", "SELECT count() FROM pharmacy_claim", "\n0"},
		{"duplicates", "SELECT claim_id, duplicate_claim_id, rule FROM claim_duplicate ORDER BY claim_id, duplicate_claim_id", `
nearly,twice-1,near: another amount
nearly,twice-2,near: another amount
twice-1,twice-2,same content`},
		{"spans of coverage", "SELECT patient_id, payer, first_day, last_day, coverages FROM eligibility_span ORDER BY first_day", `
p1,Payer,2024-01-15,2024-06-30,3
p1,Payer,2024-09-30,2024-10-01,1`},
		{"member months", "SELECT month FROM member_month ORDER BY month", "\n2024-01-01\n2024-02-01\n2024-03-01\n2024-04-01\n2024-05-01\n2024-06-01\n2024-09-01\n2024-10-01"},
		{"eligibility", "SELECT person_id, enrollment_start_date, payer, plan FROM eligibility WHERE enrollment_end_date = '2024-03-31'", "\np1,2024-01-15,Payer,Payer"},
		{"lag of payments", "SELECT service_month, lag_months, claims, paid_amount FROM service_month_completeness ORDER BY service_month", `
2024-01-01,3,1,20.0000
2024-03-01,1,1,30.0000
2024-05-01,-1,3,90.5000
2024-06-01,-2,1,`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, problems := command(t, "query", tc.sql, "--config", served, "--format", "csv")
			_, rows, _ := strings.Cut(out, "\n")
			if diff := cmp.Diff(strings.TrimPrefix(tc.want, "\n")+"\n", rows); code != exitDone || diff != "" {
				t.Errorf("exit %d: %s%s", code, problems, diff)
			}
		})
	}
	// The lake has no patients yet: the view sees those that come.
	code, out, problems := command(t, "schema", "views", "--duckdb", lake)
	if code != exitDone || !strings.Contains(out, "CREATE OR REPLACE VIEW claim_line AS") || !strings.Contains(out, `CREATE OR REPLACE VIEW patient AS SELECT * FROM read_parquet(`) || !strings.Contains(out, `COMMENT ON COLUMN claim_line."claim_id" IS 'Id of the explanation of benefit'`) {
		t.Errorf("exit %d: %s", code, problems)
	}
}

// Each history is a patient's: the claims that came, and what its patient's claims cost
// in the end.
func TestChainsOfClaims(t *testing.T) {
	office := []string{"99213"}
	claim := func(id, day string, charge float64, more string) string { return eob(id, day, charge, office, more) }
	named := func(reference string) string {
		return `,"related":[{` + reference + `,"relationship":{"coding":[{"code":"prior"}]}}]`
	}
	number := func(value string) string {
		return fmt.Sprintf(`,"identifier":[{"type":{"coding":[{"code":"uc"}]},"system":"https://payer.example/c","value":%q}]`, value)
	}
	histories := map[string]struct {
		want   string
		claims []string
	}{
		"a replacement":                    {"80.0000", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", 80, prior("1"))}},
		"replaced, dates the other way":    {"80.0000", []string{claim("1", "2024-02-01", 100, ""), claim("2", "2024-01-02", 80, prior("1"))}},
		"a chain of three":                 {"70.0000", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", 80, prior("1")), claim("3", "2024-01-03", 70, prior("2"))}},
		"two that replace one":             {"70.0000", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", 80, prior("1")), claim("3", "2024-01-03", 70, prior("1"))}},
		"a circle":                         {"80.0000", []string{claim("1", "2024-01-01", 100, prior("2")), claim("2", "2024-01-02", 80, prior("1"))}},
		"reversed":                         {"0", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", -100, prior("1"))}},
		"reversed before it was made":      {"0", []string{claim("1", "2024-02-01", 100, ""), claim("2", "2024-01-02", -100, prior("1"))}},
		"reversed, then replaced":          {"60.0000", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", -100, prior("1")), claim("3", "2024-01-03", 60, prior("1"))}},
		"reversed by group":                {"0", []string{claim("1", "2024-01-01", 100, group("r")), claim("2", "2024-01-02", -100, group("r"))}},
		"sent twice, then reversed":        {"0", []string{claim("1", "2024-01-01", 100, group("s")), claim("2", "2024-01-01", 100, group("s")), claim("3", "2024-01-02", -100, group("s"))}},
		"reversed and billed again":        {"100.0000", []string{claim("1", "2024-01-01", 100, group("b")), claim("2", "2024-01-02", -100, group("b")), claim("3", "2024-01-03", 100, group("b"))}},
		"reversed in part":                 {"60.0000", []string{claim("1", "2024-01-01", 100, ""), claim("2", "2024-01-02", -40, prior("1"))}},
		"a reversal of what is not there":  {"0", []string{claim("2", "2024-01-02", -100, prior("1"))}},
		"cancelled by another":             {"0", []string{claim("1", "2024-01-01", 100, ""), instead(claim("2", "2024-01-02", 100, prior("1")), `"active"`, `"cancelled"`)}},
		"cancelled, since it was replaced": {"60.0000", []string{instead(claim("1", "2024-01-01", 100, group("c")), `"active"`, `"cancelled"`), claim("2", "2024-01-02", 60, group("c"))}},
		"entered in error":                 {"100.0000", []string{claim("1", "2024-01-01", 100, ""), instead(claim("2", "2024-01-02", 60, prior("1")), `"active"`, `"entered-in-error"`)}},
		"named by its number":              {"60.0000", []string{claim("1", "2024-01-01", 100, number("n1")), claim("2", "2024-01-02", 60, named(`"reference":{"system":"https://payer.example/c","value":"n1"}`))}},
		"named by a logical identifier":    {"60.0000", []string{claim("1", "2024-01-01", 100, number("n2")), claim("2", "2024-01-02", 60, named(`"claim":{"identifier":{"value":"n2"}}`))}},
		"named by the Claim":               {"60.0000", []string{claim("1", "2024-01-01", 100, `,"claim":{"reference":"Claim/c1"}`), claim("2", "2024-01-02", 60, named(`"claim":{"reference":"Claim/c1"}`))}},
		"a group of nines":                 {"160.0000", []string{claim("1", "2024-01-01", 100, group("99999")), claim("2", "2024-01-02", 60, group("99999"))}},
	}
	dir := t.TempDir()
	lake := newLake(t, filepath.Join(dir, "lake"))
	var lines strings.Builder
	for name, h := range histories {
		patient := strings.NewReplacer(" ", "-", ",", "").Replace(name)
		for _, c := range h.claims {
			c = strings.ReplaceAll(c, `"Patient/p1"`, `"Patient/`+patient+`"`)
			for _, id := range []string{"1", "2", "3"} {
				c = strings.ReplaceAll(c, `"id":"`+id+`"`, `"id":"`+patient+id+`"`)
				c = strings.ReplaceAll(c, `ExplanationOfBenefit/`+id+`"`, `ExplanationOfBenefit/`+patient+id+`"`)
			}
			lines.WriteString(c)
		}
	}
	put(t, filepath.Join(dir, "in", "eob.ndjson"), lines.String())
	if code, out, problems := command(t, "flatten", filepath.Join(dir, "in"), "--lake", lake); code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	code, out, problems := command(t, "query", "SELECT patient_id, sum(CASE WHEN is_final_action THEN charge_amount END) FROM claim_line GROUP BY patient_id", "--lake", lake, "--format", "csv")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, problems)
	}
	got := map[string]string{}
	for line := range strings.Lines(out) {
		patient, sum, _ := strings.Cut(strings.TrimSpace(line), ",")
		got[patient] = sum
	}
	for name, h := range histories {
		sum := got[strings.NewReplacer(" ", "-", ",", "").Replace(name)]
		if sum == "" {
			sum = "0"
		}
		if sum != h.want {
			t.Errorf("%s: claims that count cost %s, want %s", name, sum, h.want)
		}
	}
}

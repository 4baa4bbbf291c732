package main

import (
	"encoding/csv"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Claims and coverages of kinds that senders differ in, each file a kind, with what a
// person who knows claims says of its patients; and patients as senders number them, with
// their member ids and whether they are covered.
func TestClaimsCountAsAnActuaryDoes(t *testing.T) {
	lake := newLake(t, filepath.Join(t.TempDir(), "lake"))
	if code, out, problems := command(t, "flatten", "testdata/actuary", "testdata/members", "--lake", lake); code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	served := serveLake(t, lake)
	ask := func(sql string) [][]string {
		code, out, problems := command(t, "query", sql, "--config", served, "--format", "csv")
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if code != exitDone || err != nil {
			t.Fatalf("exit %d: %s %v", code, problems, err)
		}
		return rows
	}
	got := map[string]string{}
	sums := ask("SELECT patient_id, any(claim_type) AS `claim type`, count() AS lines, sum(charge_amount) AS charge, sum(allowed_amount) AS allowed, sum(paid_amount) AS paid, sum(deductible_amount) AS deductible, sum(coinsurance_amount) AS coinsurance, sum(copay_amount) AS copay, sum(noncovered_amount) AS noncovered, sum(prior_payer_amount) AS prior_payer, sum(member_liability_amount) AS member_liability, sum(drug_cost_amount) AS drug_cost FROM claim_line WHERE is_final_action GROUP BY patient_id")
	for _, row := range sums[1:] {
		for i, kind := range sums[0][1:] {
			got[row[0]+" "+kind] = row[i+1]
		}
	}
	for _, row := range ask("SELECT patient_id, line_of_business, count() FROM member_month GROUP BY ALL")[1:] {
		got[row[0]+" months "+row[1]] = row[2]
	}
	for _, row := range rowsOfTSV(t, "testdata/actuary/answers.tsv") {
		have, ok := got[row[0]+" "+row[1]]
		if !ok && strings.HasPrefix(row[1], "months") {
			have = "0"
		}
		if !sameAnswer(have, row[2]) {
			t.Errorf("%s: %s is %q, right is %s", row[0], row[1], have, row[2])
		}
	}
	members := ask("SELECT m.person_id, m.member_id, toString(countIf(e.member_id = m.member_id)) FROM medical_claim AS m LEFT JOIN eligibility AS e ON e.data_source = m.data_source AND e.person_id = m.person_id GROUP BY ALL")
	for _, want := range rowsOfTSV(t, "testdata/members/members.tsv") {
		if !slices.ContainsFunc(members, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("patient, member id and coverages with it: want %q among %q", want, members)
		}
	}
	for _, row := range ask("SELECT finding, found FROM claim_finding")[1:] {
		if want := map[string]string{"claims_without_coverage": "", "coverages_without_days": "1", "shared_member_numbers": "", "unbalanced_claims": "0"}[row[0]]; want != "" && row[1] != want {
			t.Errorf("%s: %s, want %s", row[0], row[1], want)
		}
	}
}

func rowsOfTSV(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// sameAnswer compares numbers by value, and else texts.
func sameAnswer(got, want string) bool {
	g, ok := new(big.Rat).SetString(got)
	w, also := new(big.Rat).SetString(want)
	return ok && also && g.Cmp(w) == 0 || got == want
}

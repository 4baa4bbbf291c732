package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/claimtest"
)

// asked are questions to views, in words that both databases understand.
var asked = []string{
	"SELECT reason, count(*), min(claim_id), max(claim_group) FROM claim_version GROUP BY reason ORDER BY reason",
	"SELECT claim_type, count(*), count(DISTINCT claim_id), sum(charge_amount), sum(paid_amount), sum(quantity), min(service_start_date), max(service_end_date) FROM claim_line GROUP BY claim_type ORDER BY claim_type",
	"SELECT count(*), count(DISTINCT principal_diagnosis_code), count(diagnosis_code_3), count(procedure_code) FROM claim_line",
	"SELECT claim_type_code, count(*), count(DISTINCT claim_id), count(explanation_of_benefit_id), sum(charge_amount), count(procedure_code), count(diagnosis_code_1), min(service_start_date), max(service_end_date) FROM submitted_claim_line GROUP BY claim_type_code ORDER BY claim_type_code",
	"SELECT rule, count(*), min(claim_id), max(duplicate_claim_id) FROM claim_duplicate GROUP BY rule ORDER BY rule",
	"SELECT count(*), sum(paid_amount), count(diagnosis_code_2), count(procedure_date_1), min(bill_type_code), max(drg_code), count(rendering_npi) FROM medical_claim",
	"SELECT count(*), sum(days_supply), sum(refills), min(ndc_code), max(member_id) FROM pharmacy_claim",
	"SELECT count(*), min(payer), max(member_id), sum(death_flag), min(enrollment_start_date), count(race) FROM eligibility",
	"SELECT count(*), sum(coverages), min(first_day), max(last_day) FROM eligibility_span",
	"SELECT count(*), min(month), max(month) FROM member_month",
	"SELECT sum(lag_months), sum(claims), sum(paid_amount) FROM service_month_completeness",
}

// The views are the same in ClickHouse and in DuckDB over the lake.
func TestViewsAreTheSameInDuckDB(t *testing.T) {
	run, dir := commands(t)
	lake := filepath.Join(dir, "lake")
	run("demo", "data", "--out", filepath.Join(dir, "in"), "--patients", "10")
	run("flatten", filepath.Join(dir, "in"), "--lake", lake)
	db := duckDBOver(t, run, lake)
	for _, question := range asked {
		_, want, _ := strings.Cut(run("query", "--lake", lake, "--format", "csv", question), "\n")
		if got := answer(t, db, question); got != want {
			t.Errorf("%s\nDuckDB:\n%sClickHouse:\n%s", question, got, want)
		}
	}
}

// What counts of drawn claims, and what they cost, is in DuckDB what docs/views.md says.
func TestDrawnClaimsCountInDuckDB(t *testing.T) {
	n := 500
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		n = 10_000
	}
	seed := uint64(os.Getpid())
	t.Logf("seed %d", seed)
	drawn, statements := claimtest.Draw(seed, n), claimtest.DrawStatements(seed, n)
	run, dir := commands(t)
	lake := filepath.Join(dir, "lake")
	load := func(source, lines string) {
		in := filepath.Join(dir, source+".ndjson")
		if err := os.WriteFile(in, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		run("flatten", in, "--lake", lake, "--source", source)
	}
	for i := range claimtest.Runs {
		for source, lines := range claimtest.Lines(drawn, i) {
			load(source, lines)
		}
	}
	var lines strings.Builder
	for _, s := range statements {
		lines.WriteString(s.Line())
	}
	load("money", lines.String())
	db := duckDBOver(t, run, lake)
	ask := func(question string) [][]string {
		rows, err := csv.NewReader(strings.NewReader(answer(t, db, question))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	claimtest.Compare(t, drawn, ask(claimtest.CountsSQL))
	ofLines, ofBalance := claimtest.MoneySQL("money")
	claimtest.CompareMoney(t, statements, ask(ofLines), ask(ofBalance))
}

// commands runs claimlake's commands, and gives a folder for what they make.
func commands(t *testing.T) (run func(args ...string) string, dir string) {
	t.Helper()
	claimlake, err := filepath.Abs(filepath.Join("..", "bin", "claimlake"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(claimlake); err != nil {
		t.Skip("NOT TESTED: make build first")
	}
	return func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), claimlake, args...).Output()
		if err != nil {
			t.Fatalf("%s: %v", args[0], err)
		}
		return string(out)
	}, t.TempDir()
}

// duckDBOver is a DuckDB with the views of a lake.
func duckDBOver(t *testing.T, run func(args ...string) string, lake string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) //nolint:errcheck,gosec // nothing is to be kept
	for statement := range strings.SplitSeq(strings.TrimSuffix(run("schema", "views", "--duckdb", lake), ";\n"), ";\n") {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

// answer is DuckDB's as the lines of a CSV file.
func answer(t *testing.T, db *sql.DB, question string) string {
	t.Helper()
	// COLUMNS(*) makes text of all columns, as DuckDB writes it.
	rows, err := db.QueryContext(context.Background(), "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ("+question+")")
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	defer rows.Close() //nolint:errcheck // read only
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(v.String)
		}
		fmt.Fprintln(&b)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

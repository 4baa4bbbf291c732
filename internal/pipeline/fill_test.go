package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A ClickHouse that came later is told of, and filled: rows of replaced and of missing
// runs, and the runs themselves.
func TestFillWhatCameBeforeClickHouse(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	lake := filepath.Join(dir, "lake")
	load := func(o Options, name string, lines ...string) Report {
		t.Helper()
		report, err := flatten(t, o, write(t, filepath.Join(dir, name), lines...))
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	load(options(t, lake, nil), "1.ndjson", claimLine("a", "2026-01-01T00:00:00Z", "1", "2"), claimLine("b", "2026-01-01T00:00:00Z", "3"))
	w := warehouse(t, lake)
	o := options(t, lake, w)
	report := load(o, "2.ndjson", claimLine("b", "2026-01-02T00:00:00Z", "4", "5"))
	load(options(t, lake, nil), "3.ndjson", claimLine("b", "2026-01-03T00:00:00Z", "6"))

	if n := len(report.Findings); n != 1 || report.Findings[0].Check != "lake_is_warehouse" || !strings.Contains(report.Findings[0].Text, "lacks 1 of its runs, the first of them run 1") {
		t.Errorf("findings %+v", report.Findings)
	}
	filled, err := Fill(ctx, o)
	if err != nil || filled != (Filled{Runs: 2, Rows: 2 + 3}) {
		t.Errorf("filled %+v, %v", filled, err)
	}
	want := []string{"a|1|1.0000", "a|2|2.0000", "b|1|6.0000"}
	if got := w.stored(t); !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	if got := w.rows(t, "SELECT run_number, count() FROM _run JOIN _file USING run_id GROUP BY 1"); !slices.Equal(got, []string{"1|1", "2|1", "3|1"}) {
		t.Errorf("runs and their files: %v", got)
	}
	if filled, err = Fill(ctx, o); err != nil || filled.Runs != 0 {
		t.Errorf("again: %+v, %v", filled, err)
	}
	// What was loaded in the meantime is known: none of it is loaded once more.
	if report = load(o, "1.ndjson", claimLine("a", "2026-01-01T00:00:00Z", "1", "2")); report.Counts.Unchanged != 1 || len(report.Findings) != 0 {
		t.Errorf("unchanged %d, findings %+v", report.Counts.Unchanged, report.Findings)
	}

	parts, err := filepath.Glob(filepath.Join(lake, "current", "claim_item", "*.parquet"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("parts %q, %v", parts, err)
	}
	must(t, os.Remove(parts[0]))
	if _, err = Fill(ctx, o); !errors.Is(err, ErrDiffer) || !strings.Contains(err.Error(), "claim_item has 3 rows in ClickHouse") {
		t.Errorf("a part is gone: %v", err)
	}
}

// A sync that was interrupted is not given up for a fill.
func TestFillLeavesAnInterruptedRun(t *testing.T) {
	lake := t.TempDir()
	o, s := heldOptions(t, warehouse(t, lake), lake), &server{content: claimsWithout()}
	dying := o
	dying.before = func(step string) error {
		if step == "begin promote" {
			return errDead
		}
		return nil
	}
	if _, err := Run(t.Context(), dying, s); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	if _, err := Fill(t.Context(), o); !errors.Is(err, ErrUnfinished) {
		t.Errorf("a fill: %v", err)
	}
	report, err := Run(t.Context(), o, s)
	if err != nil || report.Run.Number != 1 {
		t.Errorf("run %d, %v", report.Run.Number, err)
	}
}

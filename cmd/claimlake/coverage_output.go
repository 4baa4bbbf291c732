package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/claimlake/claimlake/internal/coverage"
)

func printCoverage(out io.Writer, tally *coverage.Tally) error {
	for _, t := range tally.Types() {
		if err := printShare(out, t); err != nil {
			return err
		}
		printPaths(out, t.Paths)
	}
	unreadable := tally.Unreadable()
	for _, reason := range slices.Sorted(maps.Keys(unreadable)) {
		if _, err := fmt.Fprintf(out, "%d lines could not be used: %s\n", unreadable[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

func printShare(out io.Writer, t coverage.Type) error {
	_, err := fmt.Fprintf(out, "%s: %.1f %% of %d values in %d resources reach a column, %d do not", t.Resource, t.Share(), t.Values, t.Lines, t.Values-t.Reached)
	if t.Narrative > 0 && err == nil {
		_, err = fmt.Fprintf(out, "; and %d of narrative", t.Narrative)
	}
	if err == nil {
		_, err = fmt.Fprintln(out)
	}
	return err
}

func printPaths(out io.Writer, paths []coverage.Path) {
	if len(paths) == 0 {
		return
	}
	t := newTable(out, "path", "resources", "values", "reached")
	for _, p := range paths {
		t.AppendRow(table.Row{p.Path, p.Lines, p.Values, p.Reached})
	}
	t.Render()
}

// printSampled tells what reached no column in a run's sample, by resource type.
func printSampled(out io.Writer, types []coverage.Type) error {
	for _, t := range types {
		if _, err := fmt.Fprint(out, "sample: "); err != nil {
			return err
		}
		if err := printShare(out, t); err != nil {
			return err
		}
		unreached := slices.IndexFunc(t.Paths, func(p coverage.Path) bool { return p.Unreached() == 0 || p.Narrative })
		if unreached < 0 {
			unreached = len(t.Paths)
		}
		printPaths(out, t.Paths[:unreached])
	}
	return nil
}

func printCoverageJSON(out io.Writer, tally *coverage.Tally) error {
	type typeJSON struct {
		coverage.Type
		Share float64 `json:"share"` // percent
	}
	types := []typeJSON{}
	for _, t := range tally.Types() {
		types = append(types, typeJSON{t, t.Share()})
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Types      []typeJSON       `json:"types"`
		Unreadable map[string]int64 `json:"unreadable"` // lines by reason
	}{types, tally.Unreadable()})
}

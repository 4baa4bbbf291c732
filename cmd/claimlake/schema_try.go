package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	prettytable "github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/trial"
	"github.com/claimlake/claimlake/transform"
)

// newSchemaTestCmd is the command schema test; the file is not called schema_test.go
// because Go takes that for tests.
func newSchemaTestCmd() *cobra.Command {
	var input []string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test FILE",
		Short: "Show the rows a mapping makes of sample lines",
		Long: `Flatten sample lines with one mapping, without a lake, and show the first rows of each
table. The output contains the values of the lines, including protected health information.`,
		Example: `  claimlake schema test mappings/claim.yaml --input export/Claim.ndjson
  claimlake schema test mappings/claim.yaml --input Claim.ndjson --limit 1 --json`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return usagef("--limit %d: want 1 or more", limit)
			}
			plan, err := readMapping(args[0])
			if err != nil {
				return err
			}
			rows, err := tryRows(cmd, plan, input, limit)
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(dataOut(cmd))
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				return e.Encode(rows.Tables())
			}
			return printRows(cmd.OutOrStdout(), rows)
		},
	}
	cmd.Flags().StringArrayVar(&input, "input", nil, "NDJSON file or folder; may be given again")
	cmd.Flags().IntVar(&limit, "limit", 5, "rows of each table")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("input")
	return cmd
}

func tryRows(cmd *cobra.Command, plan *transform.Plan, input []string, limit int) (*trial.Rows, error) {
	rows, err := trial.NewRows(plan, limit)
	if err != nil {
		return nil, err
	}
	var problem error
	sample, err := trial.Flatten(cmd.Context(), plan, input, func(_ lineage.Page, r *transform.Result) (more bool) {
		more, problem = rows.Add(r)
		return more && problem == nil
	})
	if err := errors.Join(err, problem); err != nil {
		return nil, err
	}
	return rows, printSample(cmd, plan, sample)
}

// printSample prints the rows, and what of the sample could not be used.
func printSample(cmd *cobra.Command, plan *transform.Plan, s trial.Sample) error {
	out := cmd.ErrOrStderr()
	if err := tellUnread(out, s.Skipped); err != nil {
		return err
	}
	for _, reason := range slices.Sorted(maps.Keys(s.Rejects)) {
		if _, err := fmt.Fprintf(out, "%d lines could not be used: %s\n", s.Rejects[reason], reason); err != nil {
			return err
		}
	}
	order := func(a, b trial.Value) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	}
	for _, v := range slices.SortedFunc(maps.Keys(s.Values), order) {
		if _, err := fmt.Fprintf(out, "%d values of %s.%s do not fit: %s\n", s.Values[v], v.Table, v.Column, v.Reason); err != nil {
			return err
		}
	}
	if s.Resources == 0 {
		return fmt.Errorf("the input has no %s that can be used: give lines of that type", plan.Resources()[0])
	}
	return nil
}

// printRows prints each table on its side, a line for each column that has a value.
func printRows(out io.Writer, rows *trial.Rows) error {
	for _, t := range rows.Tables() {
		empty := len(t.Columns)
		if len(t.Texts) > 0 {
			empty = printSideways(out, t)
		}
		if _, err := fmt.Fprintf(out, "%s: %d rows shown, %d columns without a value\n\n", t.Name, len(t.Texts), empty); err != nil {
			return err
		}
	}
	return nil
}

// maxValueWidth is how many characters a line of a value may have.
const maxValueWidth = 80

// printSideways prints a table and gives the number of columns without a value.
func printSideways(out io.Writer, t *trial.Table) (empty int) {
	header, configs := []any{t.Name}, []prettytable.ColumnConfig(nil)
	for i := range t.Texts {
		header = append(header, fmt.Sprintf("row %d", i+1))
		configs = append(configs, prettytable.ColumnConfig{Number: i + 2, WidthMax: maxValueWidth})
	}
	w := newTable(out, header...)
	w.Style().Format.Header = 0
	w.SetColumnConfigs(configs)
	for i, name := range t.Columns {
		row, some := prettytable.Row{name}, false
		for k := range t.Texts {
			row, some = append(row, t.Texts[k][i]), some || !t.Null[k][i]
		}
		if some {
			w.AppendRow(row)
		} else {
			empty++
		}
	}
	w.Render()
	return empty
}

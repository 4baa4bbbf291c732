package main

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
)

const maxRejectsShown = 20

func newRunsCmd() *cobra.Command {
	var lake string
	cmd := &cobra.Command{
		Use:     "runs [RUN]",
		Short:   "List runs or show one",
		Long:    "List the runs of a lake, newest first, or show one run with its files, rejected lines, findings and unmapped paths. RUN is a run number or the beginning of a run id.",
		Example: "  claimlake runs\n  claimlake runs 3 --lake /data/lake",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLedger(cmd.Context(), lake, func(l *ledger.Ledger) error {
				if len(args) == 0 {
					return listRuns(cmd, l, lake)
				}
				return showRun(cmd, l, lake, args[0])
			})
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	return cmd
}

func listRuns(cmd *cobra.Command, l *ledger.Ledger, lake string) error {
	inUse, err := ledger.InUse(lake)
	if err != nil {
		return err
	}
	runs, err := l.Runs(cmd.Context())
	if err != nil {
		return err
	}
	t := newTable(cmd.OutOrStdout(), "run", "id", "source", "kind", "state", "started (UTC)", "took")
	for _, r := range runs {
		t.AppendRow(table.Row{r.Number, r.ID, r.Source, r.Kind, stateOf(r, inUse), r.Started.Format(time.DateTime), took(r)})
	}
	t.Render()
	return nil
}

func showRun(cmd *cobra.Command, l *ledger.Ledger, lake, name string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	inUse, err := ledger.InUse(lake)
	if err != nil {
		return err
	}
	r, err := l.Run(ctx, name)
	if err != nil {
		return err
	}
	files, err := l.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	rejects, err := l.Rejects(ctx, r.ID, maxRejectsShown)
	if err != nil {
		return err
	}
	values, err := l.Values(ctx, r.ID)
	if err != nil {
		return err
	}
	types, err := pipeline.Coverage(ctx, l, r.ID)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "run %d (%s): %s of %s, %s %s\n", r.Number, r.ID, r.Kind, r.Source, stateOf(r, inUse), r.Error); err != nil {
		return err
	}
	if err := printChecks(cmd, l, r); err != nil {
		return err
	}
	printFiles(out, files)
	printRejects(out, rejects, values)
	if len(values) > 0 {
		if err := listExamples(cmd, l, []ledger.Run{r}); err != nil {
			return err
		}
	}
	return printSampled(out, types)
}

// stateOf is a run's state. One that the ledger has as running, while no process has the
// lake, was interrupted, unless it waits for somebody to look at it.
func stateOf(r ledger.Run, inUse bool) string {
	switch {
	case r.State != ledger.Running && r.State != ledger.Promoting || inUse:
		return string(r.State)
	case r.Held:
		return "held back"
	}
	return "interrupted"
}

// printChecks shows what the checks of a run found, and who accepted it.
func printChecks(cmd *cobra.Command, l *ledger.Ledger, r ledger.Run) error {
	found, err := l.Findings(cmd.Context(), r.ID)
	if err != nil {
		return err
	}
	accepted, err := l.Accepted(cmd.Context(), r.ID)
	if err != nil {
		return err
	}
	if accepted.By != "" {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "failed checks were accepted by %s on %s: %s\n", accepted.By, accepted.At.Format(time.DateTime), accepted.Reason)
	}
	if len(found) == 0 || err != nil {
		return err
	}
	t := newTable(cmd.OutOrStdout(), "check", "of", "grade", "found", "expected", "what it means")
	for _, f := range found {
		t.AppendRow(table.Row{f.Check, f.Subject, f.Grade, fmt.Sprintf("%.4g", f.Found), fmt.Sprintf("%.4g", f.Expected), f.Text})
	}
	t.Render()
	return nil
}

func printFiles(out io.Writer, files []ledger.File) {
	t := newTable(out, "file", "name", "type", "state", "lines", "landed", "unchanged", "unmapped", "rejected")
	for _, f := range files {
		t.AppendRow(table.Row{f.ID, f.Name, f.ResourceType, f.State, f.Lines, f.Landed, f.Unchanged, f.Unmapped, f.Rejected})
	}
	t.Render()
}

func printRejects(out io.Writer, rejects []ledger.Reject, values []ledger.ValueReject) {
	if len(rejects) > 0 {
		t := newTable(out, "file", "line", "rejected because")
		for _, r := range rejects {
			t.AppendRow(table.Row{r.File, r.Line, r.Reason})
		}
		t.Render()
	}
	if len(values) > 0 {
		t := newTable(out, "table", "column", "values do not fit because", "count")
		for _, v := range values {
			t.AppendRow(table.Row{v.Table, v.Column, v.Reason, v.Count})
		}
		t.Render()
	}
}

func took(r ledger.Run) string {
	if r.Finished.IsZero() {
		return ""
	}
	return r.Finished.Sub(r.Started).Round(time.Millisecond).String()
}

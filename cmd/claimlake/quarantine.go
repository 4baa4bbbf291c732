package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/internal/setup"
)

func newQuarantineCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "List, show and replay quarantined lines",
	}
	cmd.AddCommand(newQuarantineListCmd(), newQuarantineShowCmd(), newQuarantineReplayCmd())
	return cmd
}

func newQuarantineListCmd() *cobra.Command {
	var lake string
	var values bool
	cmd := &cobra.Command{
		Use:   "list [RUN]",
		Short: "List quarantined lines",
		Long: `List rejected lines and their reasons, without content. With --values, list instead where
values did not fit their column and became null: the first few of each column and reason.
RUN is a run number or the beginning of a run id.`,
		Example: "  claimlake quarantine list\n  claimlake quarantine list 3 --values",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLedger(cmd.Context(), lake, func(l *ledger.Ledger) error {
				runs, err := l.Runs(cmd.Context())
				if len(args) > 0 {
					var r ledger.Run
					r, err = l.Run(cmd.Context(), args[0])
					runs = []ledger.Run{r}
				}
				if err != nil {
					return err
				}
				if values {
					return listExamples(cmd, l, runs)
				}
				return listQuarantined(cmd, l, runs)
			})
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	cmd.Flags().BoolVar(&values, "values", false, "list values that did not fit their column")
	return cmd
}

func listQuarantined(cmd *cobra.Command, l *ledger.Ledger, runs []ledger.Run) error {
	t, n := newTable(cmd.OutOrStdout(), "run", "file", "line", "bytes", "rejected because"), 0
	for _, r := range runs {
		lines, err := l.Quarantined(cmd.Context(), r.ID)
		if err != nil {
			return err
		}
		for _, q := range lines {
			if q.By == "" {
				n++
				t.AppendRow(table.Row{q.Run, q.File, q.Line, q.Bytes, q.Reason})
			}
		}
	}
	if n > 0 {
		t.Render()
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d lines in quarantine\n", n)
	return err
}

func listExamples(cmd *cobra.Command, l *ledger.Ledger, runs []ledger.Run) error {
	for _, r := range runs {
		examples, err := l.Examples(cmd.Context(), r.ID)
		if err != nil {
			return err
		}
		if len(examples) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "run %d: at most %d of each column and reason\n", r.Number, ledger.MaxExamples); err != nil {
			return err
		}
		t := newTable(cmd.OutOrStdout(), "table", "column", "value does not fit because", "file", "line")
		for _, e := range examples {
			t.AppendRow(table.Row{e.Table, e.Column, e.Reason, e.File, e.Line})
		}
		t.Render()
	}
	return nil
}

func newQuarantineShowCmd() *cobra.Command {
	var flags lakeFlags
	cmd := &cobra.Command{
		Use:     "show RUN FILE LINE",
		Short:   "Print a quarantined line",
		Long:    "Print a quarantined line as received. It may contain protected health information. RUN, FILE and LINE are those of claimlake quarantine list.",
		Example: "  claimlake quarantine show 3 0001 42\n  claimlake quarantine show 3 0001 42 --config claimlake.yaml   # where it is sealed",
		Args:    usage(cobra.ExactArgs(3)),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(args[2], 10, 64)
			if err != nil {
				return usagef("line %q is no number", args[2])
			}
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			line, err := quarantinedLine(cmd.Context(), c, args[0], args[1], number)
			if err != nil {
				return err
			}
			if err := recordIn(cmd, c, audit.Event{Action: "quarantine.show", Object: args[1] + " line " + args[2], Counts: map[string]int64{"lines": 1}}); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.ErrOrStderr(), "This line may hold personal health data (PHI): do not share or log it."); err != nil {
				return err
			}
			_, err = dataOut(cmd).Write(append(line, '\n'))
			return err
		},
	}
	flags.add(cmd)
	return cmd
}

func quarantinedLine(ctx context.Context, c config.Config, run, file string, number int64) (line []byte, err error) {
	keys, err := setup.SealKeys(c.Seal)
	if err != nil {
		return nil, usageError{err}
	}
	err = withLedger(ctx, c.Lake.Dir, func(l *ledger.Ledger) error {
		r, err := l.Run(ctx, run)
		if err != nil {
			return err
		}
		lines, err := l.Quarantined(ctx, r.ID)
		if err != nil {
			return err
		}
		for _, q := range lines {
			if q.File == file && q.Line == number {
				line, err = quarantine.In(c.Lake.Dir, keys).Line(q.RunID, q.File, q.Page, q.Index)
				return err
			}
		}
		return fmt.Errorf("line %d of file %s is not in quarantine of run %d; see claimlake quarantine list %d --lake %s", number, file, r.Number, r.Number, c.Lake.Dir)
	})
	return line, err
}

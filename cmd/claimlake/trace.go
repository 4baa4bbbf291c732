package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/load/parquet"
)

func newTraceCmd() *cobra.Command {
	var (
		flags lakeFlags
		raw   bool
	)
	cmd := &cobra.Command{
		Use:   "trace TABLE KEY...",
		Short: "Show the source file and line of a row",
		Long: `Show the source of current rows: file, line, time of retrieval, run and mapping. KEY is
the values of the table's key columns (see claimlake schema); the first alone finds all
rows of a resource.

With --raw, print the resource as received, from the archive (lake.archive in
claimlake.yaml). It is protected health information.`,
		Example: "  claimlake trace claim 1001\n  claimlake trace explanation_of_benefit_item 42 1.2 --raw",
		Args:    usage(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			return withLedger(cmd.Context(), c.Lake.Dir, func(l *ledger.Ledger) error {
				origins, err := traced(c.Lake.Dir, args[0], args[1:])
				if err != nil {
					return err
				}
				if err := flags.record(cmd, audit.Event{Action: traceAction(raw), Object: args[0], Counts: map[string]int64{"rows": int64(len(origins))}}); err != nil {
					return err
				}
				if raw {
					return printRaw(cmd, l, c, origins)
				}
				return printOrigins(cmd, l, origins)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&raw, "raw", false, "print the resource as received (protected health information)")
	return cmd
}

func traceAction(raw bool) string {
	if raw {
		return "trace.raw"
	}
	return "trace"
}

func traced(dir, name string, key []string) ([]parquet.Origin, error) {
	lake, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	origins, err := lake.Trace(name, key)
	if errors.Is(err, parquet.ErrNoTable) {
		return nil, usagef("%w: see claimlake schema for the tables; one without rows is not there", err)
	}
	if err == nil && len(origins) == 0 {
		err = fmt.Errorf("no row of %s has this key", name)
	}
	return origins, err
}

func printOrigins(cmd *cobra.Command, l *ledger.Ledger, origins []parquet.Origin) error {
	t := newTable(cmd.OutOrStdout(), "key", "source", "run", "file", "line", "retrieved (UTC)", "version (UTC)", "mapping", "line's hash")
	for _, o := range origins {
		run, file, err := pipeline.FileOf(cmd.Context(), l, o.RunID, o.FileID)
		if err != nil {
			return err
		}
		t.AppendRow(table.Row{
			strings.Join(o.Key, " "), o.Source, fmt.Sprintf("%d (%s)", run.Number, run.Kind), file.Name, o.Line,
			o.RetrievedAt.Format(time.DateTime), o.Version.Format(time.RFC3339Nano), o.Mapping, fmt.Sprintf("%016x", o.Hash),
		})
	}
	t.Render()
	return nil
}

// printRaw prints each line that rows came from, once.
func printRaw(cmd *cobra.Command, l *ledger.Ledger, c config.Config, origins []parquet.Origin) error {
	keys, err := setup.SealKeys(c.Seal)
	if err != nil {
		return usageError{err}
	}
	_, policyKey, _, err := setup.Policy(c.Policy)
	if err != nil {
		return usageError{err}
	}
	if _, err := fmt.Fprintln(cmd.ErrOrStderr(), "These lines are personal health data (PHI): do not share or log them."); err != nil {
		return err
	}
	type place struct {
		run, file string
		line      int64
	}
	shown := map[place]bool{}
	for _, o := range origins {
		at := place{o.RunID, o.FileID, o.Line}
		if shown[at] {
			continue
		}
		shown[at] = true
		line, err := pipeline.RawLine(cmd.Context(), l, c.Lake.Dir, keys, policyKey, o)
		if err != nil {
			return err
		}
		if _, err := dataOut(cmd).Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

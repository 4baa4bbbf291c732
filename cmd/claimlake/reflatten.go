package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

func newReflattenCmd() *cobra.Command {
	var (
		load   loadFlags
		flags  lakeFlags
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "reflatten [RUN...]",
		Short: "Reload archived runs with the current mappings",
		Long: `Reload archived lines with the current mappings, without contacting a server: all promoted
runs, or the given ones. Each becomes a new run, oldest first. Rows keep their source,
file, line and version. Lines already flattened by the same mapping are skipped, so an
interrupted reflatten can be repeated.

The archive holds runs loaded with lake.archive in claimlake.yaml or flatten --archive.
RUN is a run number or the beginning of a run id.`,
		Example: "  claimlake reflatten --dry-run\n  claimlake reflatten --schemas mappings/\n  claimlake reflatten 3 4",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			runs, err := archivedRuns(cmd, c.Lake.Dir, args)
			if err != nil || dryRun {
				return err
			}
			for _, run := range runs {
				if err := reflatten(cmd, c, &load, run); err != nil {
					return fmt.Errorf("reflatten run %d: %w", run.Number, err)
				}
			}
			return nil
		},
	}
	load.add(cmd)
	flags.add(cmd)
	flags.addParquetOnly(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "list the archived runs without loading them")
	return cmd
}

// archivedRuns are the runs to load again: the named ones, or all that the archive
// has. It tells of those that readers see and the archive lacks.
func archivedRuns(cmd *cobra.Command, lake string, names []string) (runs []ledger.Run, err error) {
	err = withLedger(cmd.Context(), lake, func(l *ledger.Ledger) error {
		for _, name := range names {
			r, err := l.Run(cmd.Context(), name)
			if err != nil {
				return err
			}
			runs = append(runs, r)
		}
		if len(names) > 0 {
			return nil
		}
		var lack []ledger.Run
		if runs, lack, err = pipeline.Archived(cmd.Context(), l); err != nil {
			return err
		}
		return tellArchived(cmd, runs, lack)
	})
	return runs, err
}

func tellArchived(cmd *cobra.Command, have, lack []ledger.Run) error {
	for _, r := range have {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "run %d (%s of %s): in the archive\n", r.Number, r.Kind, r.Source); err != nil {
			return err
		}
	}
	for _, r := range lack {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "run %d (%s of %s): not in the archive, its rows stay as they are\n", r.Number, r.Kind, r.Source); err != nil {
			return err
		}
	}
	if len(have) == 0 {
		return fmt.Errorf("no run is in the archive: set lake.archive in claimlake.yaml, or load with claimlake flatten --archive, before the mappings change")
	}
	return nil
}

func reflatten(cmd *cobra.Command, c config.Config, load *loadFlags, run ledger.Run) error {
	keys, err := setup.SealKeys(c.Seal)
	if err != nil {
		return usageError{err}
	}
	source, err := pipeline.OpenReflatten(cmd.Context(), c.Lake.Dir, run.ID, keys)
	if err != nil {
		return err
	}
	o := pipeline.Options{Source: run.Source, Kind: ledger.Reflatten, Subset: run.Subset, Of: run.ID, Request: "archive of run " + run.ID}
	return load.run(cmd, c, o, func(*pipeline.Options) (pipeline.Source, error) { return source, nil })
}

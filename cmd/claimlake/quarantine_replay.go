package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

func newQuarantineReplayCmd() *cobra.Command {
	var (
		load   loadFlags
		flags  lakeFlags
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "Load quarantined lines that the current mappings accept",
		Long: `Flatten the quarantined lines of RUN with the current mappings and load the accepted ones
as a new run. Rows keep their original source, file and line. Accepted lines leave the
quarantine; the others stay. Repeating the command loads nothing twice.`,
		Example: "  claimlake quarantine replay 3 --dry-run\n  claimlake quarantine replay 3 --schemas mappings/",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			if err := checkLake(c.Lake.Dir); err != nil {
				return err
			}
			keys, err := setup.SealKeys(c.Seal)
			if err != nil {
				return usageError{err}
			}
			replay, err := pipeline.OpenReplay(cmd.Context(), c.Lake.Dir, args[0], keys)
			if err != nil {
				return err
			}
			switch {
			case replay.Lines() == 0:
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "run %d has no line in quarantine\n", replay.Of.Number)
				return err
			case dryRun:
				return tryReplay(cmd, replay, load.schemas)
			}
			return runReplay(cmd, c, &load, replay)
		},
	}
	load.add(cmd)
	flags.add(cmd)
	flags.addParquetOnly(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "count accepted and rejected lines without loading them")
	return cmd
}

// runReplay loads the lines, with the source that they came from.
func runReplay(cmd *cobra.Command, c config.Config, load *loadFlags, replay *pipeline.Replay) error {
	o := pipeline.Options{Source: replay.Of.Source, Kind: ledger.Replay, Subset: replay.Of.Subset, Of: replay.Of.ID, Request: "quarantine of run " + replay.Of.ID}
	return load.run(cmd, c, o, func(*pipeline.Options) (pipeline.Source, error) { return replay, nil })
}

func tryReplay(cmd *cobra.Command, replay *pipeline.Replay, schemas string) error {
	plan, err := compile(schemas)
	if err != nil {
		return err
	}
	usable, reasons, err := replay.Try(cmd.Context(), plan)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d of %d lines could be used\n", usable, replay.Lines()); err != nil {
		return err
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "  %d could not: %s\n", reasons[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

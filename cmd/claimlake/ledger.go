package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
)

func newLedgerCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "Maintain the ledger"}
	cmd.AddCommand(newLedgerRebuildCmd())
	return cmd
}

func newLedgerRebuildCmd() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Rebuild the ledger from run records",
		Long: `Rebuild a lost or damaged ledger.db from the records that promoted runs leave in the lake.
An older ledger.db that does not know all of these runs stays, as replaced-<time>-ledger.db.
The next sync continues from the last watermark. Unfinished runs are lost: their rows are
removed and they start over. Pending notifications are lost too.`,
		Example: "  claimlake ledger rebuild --lake lake\n  claimlake lake verify --lake lake",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !pipeline.HasRecords(dir) {
				return fmt.Errorf("%w: %s has no records of runs: is it a lake?", pipeline.ErrRebuild, dir)
			}
			trail, err := pipeline.OpenTrail(cmd.Context(), dir, purposeOf(cmd, config.Config{}), version)
			if err != nil {
				return err
			}
			if err := trail.Append(audit.Event{Action: "ledger.rebuild"}); err != nil {
				return err
			}
			runs, err := pipeline.RebuildLedger(cmd.Context(), dir)
			if err != nil {
				return err
			}
			if err := pipeline.NoteTrail(cmd.Context(), dir, trail); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d runs; claimlake lake verify looks whether their files are whole\n", runs)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "lake", "lake", "lake folder")
	return cmd
}

// checkLake reports a folder that is no lake: opening its ledger would make one.
func checkLake(lake string) error {
	if _, err := os.Stat(filepath.Join(lake, ledger.FileName)); err != nil {
		if _, there := os.Readlink(filepath.Join(lake, "current")); there == nil {
			return pipeline.ErrNoLedger
		}
		return fmt.Errorf("no lake in %s: %w", lake, err)
	}
	return nil
}

// withLedger opens the ledger of a lake that is there, for as long as do takes.
func withLedger(ctx context.Context, lake string, do func(*ledger.Ledger) error) (err error) {
	if err := checkLake(lake); err != nil {
		return err
	}
	l, err := ledger.Open(ctx, lake)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return do(l)
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
)

func newLakeCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "lake", Short: "Maintain the Parquet files"}
	cmd.AddCommand(newLakeVerifyCmd())
	return cmd
}

// errNotWhole says that a lake is not as it was written.
var errNotWhole = errors.New("the lake is not as it was written: restore these files from a backup, or load their runs again")

func newLakeVerifyCmd() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify every Parquet file against its recorded checksum",
		Long: `Read every Parquet file of the promoted runs and compare its SHA-256, table and rows with
the ledger, and every other file of the current snapshot with the checksum its promote
recorded. The exit code is 1 if a file differs or is missing. The command changes nothing
and can run during a load.`,
		Example: "  claimlake lake verify --lake lake",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLedger(cmd.Context(), dir, func(l *ledger.Ledger) error { return verifyLake(cmd, dir, l) })
		},
	}
	cmd.Flags().StringVar(&dir, "lake", "lake", "lake folder")
	return cmd
}

func verifyLake(cmd *cobra.Command, dir string, l *ledger.Ledger) error {
	lake, err := parquet.Open(dir)
	if err != nil {
		return err
	}
	parts, err := promotedParts(cmd, l)
	if err != nil {
		return err
	}
	v, findings, err := lake.Verify(cmd.Context(), parts)
	if err != nil {
		return err
	}
	slices.SortFunc(findings, func(a, b parquet.Finding) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range findings {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", f.Path, f.Problem); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d parts and %d copies, %d rows in the current state: %d files differ\n", v.Parts, v.Copies, v.Rows, len(findings))
	if err == nil && len(findings) > 0 {
		err = errNotWhole
	}
	return err
}

// promotedParts are the parts of all runs that readers see.
func promotedParts(cmd *cobra.Command, l *ledger.Ledger) ([]parquet.Part, error) {
	runs, err := l.Runs(cmd.Context())
	if err != nil {
		return nil, err
	}
	var parts []parquet.Part
	for _, r := range runs {
		if r.State != ledger.Promoted {
			continue
		}
		recorded, err := l.Parts(cmd.Context(), r.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range recorded {
			parts = append(parts, parquet.Part(p))
		}
	}
	return parts, nil
}

package main

import (
	"github.com/spf13/cobra"
)

func newRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:           "claimlake",
		Short:         "Turn FHIR Bulk Data claims into Parquet and ClickHouse tables",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	logFlags(root)
	root.AddCommand(newAuditCmd(), newCancelCmd(), newConfigCmd(), newCoverageCmd(), newDemoCmd(), newDoctorCmd(), newExportCmd(), newFlattenCmd(), newHooksCmd(), newKeysCmd(), newLakeCmd(), newLedgerCmd(), newPolicyCmd(), newPromoteCmd(), newQuarantineCmd(), newQueryCmd(), newReflattenCmd(), newResumeCmd(), newRunsCmd(), newSchemaCmd(), newSealCmd(), newSourceCmd(), newSyncCmd(), newTraceCmd(), newVersionCmd(), newWarehouseCmd())
	return root
}

// usage makes the argument check of a command a usage error.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

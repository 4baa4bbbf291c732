package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
)

func newAuditRestartCmd() *cobra.Command {
	var lake, reason string
	cmd := &cobra.Command{
		Use:   "restart --reason TEXT",
		Short: "Continue after the audit trail was lost",
		Long: `Continue with a lake whose audit trail is missing, truncated or replaced. Every other command
refuses such a lake. Restore the audit folder from a backup first, if there is one. An intact
trail continues; any other is moved to audit-replaced-<time>. The trail records the restart,
its reason and the last event that the ledger knows.`,
		Example: `  claimlake audit restart --reason "audit folder removed by mistake, ticket 4711"`,
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if reason == "" {
				return usagef("--reason: say why the trail is restarted")
			}
			if err := checkLake(lake); err != nil {
				return err
			}
			if err := pipeline.RestartTrail(cmd.Context(), lake, purposeOf(cmd, config.Config{}), version, reason); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "audit trail restarted")
			return err
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	cmd.Flags().StringVar(&reason, "reason", "", "why the trail is restarted")
	return cmd
}

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
		Short: "Go on after the audit trail was lost",
		Long: `Let a lake go on whose audit trail is gone, shorter than it was or another one, which every
command refuses: put the folder audit back from a backup first, if there is one. A trail that
is whole goes on; any other is set aside as audit-replaced-<time>. The restart, its reason and
the last event that the ledger knows are recorded.`,
		Example: `  claimlake audit restart --reason "audit folder removed by mistake, ticket 4711"`,
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if reason == "" {
				return usagef("--reason: say why the trail begins anew")
			}
			if err := checkLake(lake); err != nil {
				return err
			}
			if err := pipeline.RestartTrail(cmd.Context(), lake, purposeOf(cmd, config.Config{}), version, reason); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the audit trail goes on, and says that it was restarted")
			return err
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the trail")
	return cmd
}

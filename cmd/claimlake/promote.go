package main

import (
	"os/user"

	"github.com/spf13/cobra"
)

func newPromoteCmd() *cobra.Command {
	var r resumeFlags
	cmd := &cobra.Command{
		Use:   "promote --accept RUN --reason TEXT",
		Short: "Show a sync to readers although a check failed",
		Long: `Show a sync to readers that is loaded and held back, since a check failed: too many
lines that cannot be used, or far fewer than usual. What the checks found is shown by
claimlake runs RUN. Who accepted it, and why, is kept with the run. RUN is a run's
number, or the beginning of its id.`,
		Example: `  claimlake promote --accept 7 --reason "the payer left the exchange on 1 March"`,
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.run == "" || r.accept == "" {
				return usagef("name the run with --accept, and say why with --reason")
			}
			return r.resume(cmd)
		},
	}
	r.add(cmd)
	cmd.Flags().StringVar(&r.run, "accept", "", "the run")
	cmd.Flags().StringVar(&r.accept, "reason", "", "why it is right; no patient's data")
	return cmd
}

// whoami is the user of the operating system.
func whoami() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}

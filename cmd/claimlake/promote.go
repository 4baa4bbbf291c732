package main

import (
	"os/user"

	"github.com/spf13/cobra"
)

func newPromoteCmd() *cobra.Command {
	var r resumeFlags
	cmd := &cobra.Command{
		Use:   "promote --accept RUN --reason TEXT",
		Short: "Publish a run that a failed check holds back",
		Long: `Publish a run that is loaded but held back by a failed check, such as too many rejected
lines or far fewer lines than usual. claimlake runs RUN shows the findings. The ledger
keeps who accepted the run and why. RUN is a run number or the beginning of a run id.`,
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
	cmd.Flags().StringVar(&r.run, "accept", "", "run to publish")
	cmd.Flags().StringVar(&r.accept, "reason", "", "why the run is right; no patient data")
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

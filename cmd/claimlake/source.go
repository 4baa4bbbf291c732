package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/sourcecheck"
)

func newSourceCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Inspect the configured FHIR server",
	}
	cmd.AddCommand(newSourceCheckCmd())
	return cmd
}

func newSourceCheckCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check connectivity, authentication and export support",
		Long: `Connect to the server of claimlake.yaml and check its certificate, clock,
CapabilityStatement and token endpoint. No export is started.`,
		Example: "  claimlake source check --config payer.yaml",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			export, err := exportOf(c)
			if err != nil {
				return err
			}
			findings, err := sourcecheck.Run(cmd.Context(), c, export, log, "claimlake/"+version)
			if err != nil {
				return err
			}
			return printFindings(cmd, findings)
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	return cmd
}

// printFindings prints one line each. The error says how many failed.
func printFindings(cmd *cobra.Command, findings []sourcecheck.Finding) error {
	out, failed := cmd.OutOrStdout(), 0
	for _, f := range findings {
		if f.Grade == sourcecheck.Fail {
			failed++
		}
		if _, err := fmt.Fprintf(out, "%-4s  %-12s  %s\n", f.Grade, f.What, f.Text); err != nil {
			return err
		}
		if p, ok := out.(*plain); ok {
			if err := printSaid(p, f.Said); err != nil {
				return err
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(findings))
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
)

func newAuditCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify, export and summarize the audit trail",
	}
	cmd.AddCommand(newAuditVerifyCmd(), newAuditExportCmd(), newAuditReportCmd(), newAuditPruneCmd(), newAuditRestartCmd())
	return cmd
}

func newAuditVerifyCmd() *cobra.Command {
	var lake, key, anchor string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify the audit trail",
		Long: `Check each event's signature, the hash chain and the signed head, and name the first
event that is altered, missing or out of place. The ledger records the trail's key and one of
its events, so the command also detects a trail that is missing, truncated or replaced. It
prints the head: store it in another system and pass it as --anchor later to prove that
nobody restored an older trail.`,
		Example: `  claimlake audit verify
  claimlake audit verify --anchor 4711:9f86d081884c7d65… --public-key /secure/signing.pub`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := pipeline.CheckTrail(cmd.Context(), lake); err != nil {
				return err
			}
			head, err := audit.Verify(pipeline.TrailDir(lake), key, anchor)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d events, from %d on, are as they were recorded\nhead: %s\n", head.Seq-head.First+1, head.First, head)
			return err
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	cmd.Flags().StringVar(&key, "public-key", "", "public half of the signing key (default: the one in the trail's folder)")
	cmd.Flags().StringVar(&anchor, "anchor", "", "head printed earlier that the trail must contain")
	return cmd
}

// trailWriters write a trail in a format.
var trailWriters = map[string]func(io.Writer, string) error{"csv": audit.WriteCSV, "fhir": audit.WriteFHIR}

func newAuditExportCmd() *cobra.Command {
	var lake, format string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Print events as CSV or FHIR AuditEvent resources",
		Example: "  claimlake audit export > audit.csv\n  claimlake audit export --format fhir > AuditEvent.ndjson",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, ok := trailWriters[format]
			if !ok {
				return usagef("--format %s: want csv or fhir", format)
			}
			return write(dataOut(cmd), pipeline.TrailDir(lake))
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	cmd.Flags().StringVar(&format, "format", "csv", "csv, or fhir: AuditEvent resources, one a line")
	return cmd
}

func newAuditReportCmd() *cobra.Command {
	var lake string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Summarize events by month, user, action and purpose",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := audit.Summarize(pipeline.TrailDir(lake))
			if err != nil {
				return err
			}
			t := newTable(cmd.OutOrStdout(), "month", "source", "user", "purpose", "action", "events", "failed", "lines")
			for _, u := range r.Uses {
				t.AppendRow(table.Row{u.Month, u.Source, u.User, u.Purpose, u.Action, u.Events, u.Failed, u.Lines})
			}
			t.Render()
			if len(r.Failures) == 0 {
				return nil
			}
			t = newTable(cmd.OutOrStdout(), "month", "source", "failures of class", "events")
			for _, f := range r.Failures {
				t.AppendRow(table.Row{f.Month, f.Source, f.Category, f.Events})
			}
			t.Render()
			return nil
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	return cmd
}

func newAuditPruneCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove events past their retention period",
		Long:  "Remove trail files whose events are all older than audit.keep_years in claimlake.yaml (at least six years), and record the removal. A clock that is ahead is not trusted: events are as old as the last event, and the last transactionTime that a server gave, say.",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			trail, err := openTrail(cmd, c)
			if err != nil {
				return err
			}
			now, err := pipeline.SureTime(cmd.Context(), c.Lake.Dir)
			if err != nil {
				return err
			}
			n, err := trail.Prune(c.Audit.KeepYears, now)
			if err := errors.Join(err, pipeline.NoteTrail(cmd.Context(), c.Lake.Dir, trail)); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d events were kept long enough, and are gone\n", n)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	return cmd
}

package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/sof"
)

func newViewCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "view", Short: "Run and test SQL on FHIR ViewDefinitions"}
	cmd.AddCommand(newViewRunCmd(), newViewTestCmd())
	return cmd
}

func newViewTestCmd() *cobra.Command {
	var report string
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Run SQL on FHIR test files",
		Long: `Run the test files in a folder: those of the SQL on FHIR test suite, or your own in the
same format (resources, and tests with a view and the expected rows, columns or error).
The exit code is 1 if a test fails. --report writes the results in the format of the
SQL on FHIR registry of implementations.`,
		Example: "  claimlake view test tests/\n  claimlake view test sql-on-fhir/tests --report test_report.json",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			results, err := sof.RunSuite(args[0])
			if err != nil {
				return err
			}
			if report != "" {
				if err := writeSuiteReport(report, results); err != nil {
					return err
				}
			}
			failed, total := results.Failed()
			for _, f := range failed {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), f); err != nil {
					return err
				}
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d of %d tests pass\n", total-len(failed), total); err != nil {
				return err
			}
			if len(failed) > 0 {
				return fmt.Errorf("%d tests failed", len(failed))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&report, "report", "", "file for the results (test_report.json)")
	return cmd
}

func writeSuiteReport(path string, results sof.Report) error {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return durable.Write(path, append(text, '\n'))
}

// readView reads and checks a ViewDefinition.
func readView(path string) (*sof.View, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	view, err := sof.Parse(text)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s is not a valid ViewDefinition:\n%w", path, err)}
	}
	return view, nil
}

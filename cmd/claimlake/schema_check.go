package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/internal/trial"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// readMapping reads one mapping and compiles it: alone, and with the built-in ones,
// whose tables it may not claim.
func readMapping(file string) (*transform.Plan, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{fmt.Errorf("read mapping: %w", err)}
	}
	own, err := transform.ParseMapping(file, src)
	if err != nil {
		return nil, usageError{err}
	}
	builtin, err := schemas.Builtin()
	if err != nil {
		return nil, err
	}
	all := []*transform.Mapping{own}
	for _, m := range builtin {
		if m.Resource != own.Resource {
			all = append(all, m)
		}
	}
	if _, err := transform.Compile(all); err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return transform.Compile([]*transform.Mapping{own})
}

func newSchemaCheckCmd() *cobra.Command {
	var input []string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a mapping and list every mistake with line and column",
		Long: `List every mistake in a mapping: unknown keys and types, invalid paths, duplicate columns,
missing descriptions, keys that are not columns, and tables that another mapping defines.

With --input, also flatten sample lines and report tables with duplicate keys: the stores
would keep only one row of each key.`,
		Example: `  claimlake schema check mappings/claim.yaml
  claimlake schema check mappings/claim.yaml --input export/Claim.ndjson`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := readMapping(args[0])
			if err != nil {
				return err
			}
			if len(input) > 0 {
				if err := checkKeys(cmd, plan, input); err != nil {
					return err
				}
			}
			columns := 0
			for _, s := range plan.Schemas() {
				columns += s.NumFields() - len(lineage.Fields())
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is valid: %s, %d tables, %d columns\n", args[0], plan.Resources()[0], len(plan.Schemas()), columns)
			return err
		},
	}
	cmd.Flags().StringArrayVar(&input, "input", nil, "NDJSON file or folder to check the keys on; may be given again")
	return cmd
}

// checkKeys flattens the input and fails where keys are not unique.
func checkKeys(cmd *cobra.Command, plan *transform.Plan, input []string) error {
	keys, pages := trial.NewKeys(), 0
	var problem error
	sample, err := trial.Flatten(cmd.Context(), plan, input, func(p lineage.Page, r *transform.Result) bool {
		problem = keys.Add(pages, p, r)
		pages++
		return problem == nil
	})
	if err := errors.Join(err, problem); err != nil {
		return err
	}
	if err := printSample(cmd, plan, sample); err != nil {
		return err
	}
	var names []string
	for _, s := range plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		names = append(names, t.Name)
	}
	var repeated []error
	for _, r := range keys.Repeated(names) {
		repeated = append(repeated, fmt.Errorf("table %s: %d rows have the key of another one (first on line %d): add a column to its key (%s), such as the @position of the row or of its parent", r.Table, r.Rows, r.Line, strings.Join(r.Key, ", ")))
	}
	return errors.Join(repeated...)
}

package main

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// compile makes the plan of the built-in mappings and those in the folder dir.
func compile(dir string) (*transform.Plan, error) {
	mappings, err := schemas.Load(dir)
	if err != nil {
		return nil, usageError{err}
	}
	return transform.Compile(mappings)
}

func newSchemaCmd() *cobra.Command {
	var dir string
	var ddl, markdown, asJSON, explain bool
	cmd := &cobra.Command{
		Use:   "schema [TABLE]",
		Short: "Show tables, columns, types and paths",
		Long: `List the tables, or show the columns of one table: types, gjson paths and descriptions,
including the lineage columns that end every table.`,
		Example: `  claimlake schema
  claimlake schema explanation_of_benefit_item
  claimlake schema --ddl > claimlake.sql           # ClickHouse tables and views
  claimlake schema --markdown > docs/tables.md     # the data dictionary
  claimlake schema --explain                       # paths that the compiled scan leaves to gjson`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := compile(dir)
			if err != nil {
				return err
			}
			list, err := chosen(plan, args)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case ddl:
				return printDDL(out, list)
			case markdown:
				return printMarkdown(out, list)
			case asJSON:
				return printSchemaJSON(out, list)
			case explain:
				return printFallbacks(out, plan)
			case len(args) > 0:
				return printColumns(out, list[0])
			}
			return printTables(out, list)
		},
	}
	cmd.Flags().StringVar(&dir, "schemas", "", "folder of mappings that add to or replace the built-in ones")
	cmd.Flags().BoolVar(&ddl, "ddl", false, "print ClickHouse statements that create the tables and views")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the data dictionary as Markdown")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print tables and columns as JSON")
	cmd.Flags().BoolVar(&explain, "explain", false, "print the columns that gjson evaluates, which are slower")
	cmd.MarkFlagsMutuallyExclusive("ddl", "markdown", "json", "explain")
	cmd.AddCommand(newSchemaCheckCmd(), newSchemaMigrateCmd(), newSchemaTestCmd(), newSchemaViewsCmd())
	return cmd
}

// described is a table with its columns.
type described struct {
	table.Table
	schema *arrow.Schema
}

// chosen are the tables that the arguments name, or all.
func chosen(plan *transform.Plan, args []string) ([]described, error) {
	var list []described
	for _, s := range plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		if len(args) == 0 || slices.Contains(args, t.Name) {
			list = append(list, described{t, s})
		}
	}
	if len(list) == 0 {
		return nil, usagef("no table %s; see claimlake schema", args[0])
	}
	return list, nil
}

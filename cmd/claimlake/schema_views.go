package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/duckdb"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/schemas/views"
)

func newSchemaViewsCmd() *cobra.Command {
	var dir, duck, project, lake string
	var ddl, markdown bool
	cmd := &cobra.Command{
		Use:   "views",
		Short: "Show the analysts' views, for ClickHouse, DuckDB or the Tuva Project",
		Long: `List the analysts' views: claim lines with amounts, the version of a claim that counts,
duplicates, coverage spans, member months and the Tuva Project's input layer. A load
creates them in ClickHouse; --duckdb prints a script that creates tables and views in
DuckDB over the Parquet files. --tuva writes a dbt project that maps the Parquet files to
the Tuva Project's input layer, in DuckDB; docs/tuva.md says how to run it.`,
		Example: `  claimlake schema views
  claimlake schema views --duckdb lake | duckdb claims.db   # then: duckdb claims.db
  claimlake schema views --tuva tuva --lake lake            # then, in tuva: dbt deps && dbt build
  claimlake schema views --ddl                              # ClickHouse`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := views.ClickHouse()
			if err != nil {
				return err
			}
			list = slices.DeleteFunc(list, views.View.Internal)
			out := cmd.OutOrStdout()
			switch {
			case duck != "":
				return withTables(duck, dir, func(schemas []*arrow.Schema) error { return duckdb.Script(out, duck, schemas) })
			case project != "":
				return withTables(lake, dir, func(schemas []*arrow.Schema) error { return duckdb.WriteProject(project, lake, schemas) })
			case ddl:
				return printViewsDDL(out)
			case markdown:
				return printViewsMarkdown(out, list)
			}
			t := newTable(out, "view", "columns", "what it is")
			for _, v := range list {
				t.AppendRow(table.Row{v.Name, len(v.Columns), v.Description})
			}
			t.Render()
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "schemas", "", "folder of mappings that add to or replace the built-in ones")
	cmd.Flags().StringVar(&duck, "duckdb", "", "print DuckDB statements that create the tables of this lake and the views")
	cmd.Flags().StringVar(&project, "tuva", "", "write a dbt project for the Tuva Project into this folder")
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder that the dbt project reads")
	cmd.Flags().BoolVar(&ddl, "ddl", false, "print ClickHouse statements that create the views")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the views and their columns as Markdown")
	cmd.MarkFlagsMutuallyExclusive("ddl", "markdown", "duckdb", "tuva")
	return cmd
}

// withTables calls do with the tables of a lake that is there.
func withTables(lake, schemas string, do func([]*arrow.Schema) error) error {
	if err := checkLake(lake); err != nil {
		return err
	}
	plan, err := compile(schemas)
	if err != nil {
		return err
	}
	return do(plan.Schemas())
}

// claimViews are the views as ClickHouse makes them.
func claimViews() ([]clickhouse.View, error) {
	list, err := views.ClickHouse()
	if err != nil {
		return nil, err
	}
	var out []clickhouse.View
	for _, v := range list {
		out = append(out, clickhouse.View{Name: v.Name, Comment: v.Description, SQL: v.SQL, Kept: v.Kept})
	}
	return out, nil
}

func printViewsDDL(out io.Writer) error {
	list, err := claimViews()
	if err != nil {
		return err
	}
	for _, v := range list {
		if _, err := fmt.Fprintf(out, "%s;\n\n", v.DDL()); err != nil {
			return err
		}
	}
	return nil
}

func printViewsMarkdown(out io.Writer, list []views.View) error {
	var b strings.Builder
	b.WriteString("# Views\n\nMade by `claimlake schema views --markdown` from `schemas/views/`. A load makes them in ClickHouse, and keeps the rows of those that take long to compute; ")
	b.WriteString("`claimlake schema views --duckdb LAKE` prints them for DuckDB. The Tuva Project's input layer is described in [tuva.md](tuva.md).\n")
	b.WriteString(views.Theory)
	for _, v := range list {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| column | description |\n|---|---|\n", v.Name, v.Description)
		for _, c := range v.Columns {
			fmt.Fprintf(&b, "| %s | %s |\n", c.Name, c.Description)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

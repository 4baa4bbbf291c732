package main

import (
	"fmt"
	"io"
	"strings"

	prettytable "github.com/jedib0t/go-pretty/v6/table"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/transform"
)

func printTables(out io.Writer, list []described) error {
	t := newTable(out, "table", "resource", "columns", "what a row is")
	for _, d := range list {
		t.AppendRow(prettytable.Row{d.Name, d.Resource, d.schema.NumFields(), d.Description})
	}
	t.Render()
	return nil
}

func printColumns(out io.Writer, d described) error {
	if _, err := fmt.Fprintf(out, "%s: %s\nkey: %s\n", d.Name, d.Description, strings.Join(d.Key, ", ")); err != nil {
		return err
	}
	t := newTable(out, "column", "type", "path", "description")
	for _, f := range d.schema.Fields() {
		t.AppendRow(prettytable.Row{f.Name, table.ColumnType(f), table.ColumnPath(f), table.ColumnDescription(f)})
	}
	t.SetColumnConfigs([]prettytable.ColumnConfig{{Name: "path", WidthMax: 60}, {Name: "description", WidthMax: 60}})
	t.Render()
	return nil
}

func printDDL(out io.Writer, list []described) error {
	for _, d := range list {
		sql, err := clickhouse.DDL(d.schema)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, sql); err != nil {
			return err
		}
	}
	return nil
}

func printFallbacks(out io.Writer, plan *transform.Plan) error {
	list := plan.Explain()
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "The compiled scan reads every column.")
		return err
	}
	t := newTable(out, "table", "column", "path", "gjson evaluates")
	for _, f := range list {
		t.AppendRow(prettytable.Row{f.Table, f.Column, f.Path, f.Rest})
	}
	t.Render()
	return nil
}

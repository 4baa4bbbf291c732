package main

import (
	"encoding/json"
	"io"

	"github.com/claimlake/claimlake/internal/table"
)

// tableJSON and columnJSON are what --json prints.
type tableJSON struct {
	Name        string       `json:"name"`
	Resource    string       `json:"resource"`
	Description string       `json:"description"`
	Key         []string     `json:"key"`
	Columns     []columnJSON `json:"columns"`
}

type columnJSON struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Arrow       string `json:"arrow"`
	Nullable    bool   `json:"nullable"`
	Path        string `json:"path,omitempty"`
	Description string `json:"description"`
}

func printSchemaJSON(out io.Writer, list []described) error {
	var tables []tableJSON
	for _, d := range list {
		t := tableJSON{Name: d.Name, Resource: d.Resource, Description: d.Description, Key: d.Key}
		for _, f := range d.schema.Fields() {
			t.Columns = append(t.Columns, columnJSON{f.Name, table.ColumnType(f), f.Type.String(), f.Nullable, table.ColumnPath(f), table.ColumnDescription(f)})
		}
		tables = append(tables, t)
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(tables)
}

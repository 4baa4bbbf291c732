package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// printMarkdown prints the data dictionary.
func printMarkdown(out io.Writer, list []described) error {
	var b strings.Builder
	b.WriteString("# Tables\n\nMade by `claimlake schema --markdown` from the mappings in `schemas/`. ")
	b.WriteString("All columns are nullable but those of the key. Paths are gjson's, relative to the row; `$` is the resource, `^` the row's parent element.\n")
	for _, d := range list {
		fmt.Fprintf(&b, "\n## %s\n\n%s Key: %s.\n\n| column | type | path | description |\n|---|---|---|---|\n", d.Name, d.Description, strings.Join(d.Key, ", "))
		for _, f := range d.schema.Fields() {
			if !strings.HasPrefix(f.Name, "_") {
				b.WriteString(markdownRow(f))
			}
		}
	}
	b.WriteString("\n## Lineage\n\nThese columns end every table.\n\n| column | type | path | description |\n|---|---|---|---|\n")
	for _, f := range list[0].schema.Fields() {
		if strings.HasPrefix(f.Name, "_") {
			b.WriteString(markdownRow(f))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func markdownRow(f arrow.Field) string {
	cell := strings.NewReplacer("|", `\|`, "\n", " ").Replace
	path := ""
	if p := table.ColumnPath(f); p != "" {
		path = "`" + cell(p) + "`"
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", f.Name, table.ColumnType(f), path, cell(table.ColumnDescription(f)))
}

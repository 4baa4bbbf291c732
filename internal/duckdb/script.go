package duckdb

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas/views"
)

// Script writes statements that make a lake's tables and the views in DuckDB, with what
// each of them and each column is. A table without files is an empty one of the same
// columns.
func Script(out io.Writer, lake string, schemas []*arrow.Schema) error {
	var b strings.Builder
	b.WriteString("SET TimeZone = 'UTC';\n")
	for _, s := range schemas {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		from, err := readTable(filepath.Join(lake, "current", t.Name), s)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS %s;\n", t.Name, from)
		comment(&b, "VIEW", t.Name, t.Description)
		for _, f := range s.Fields() {
			comment(&b, "COLUMN", t.Name+`."`+f.Name+`"`, table.ColumnDescription(f))
		}
	}
	list, err := views.DuckDB()
	if err != nil {
		return err
	}
	for _, v := range list {
		fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS\n%s;\n", v.Name, v.SQL)
		comment(&b, "VIEW", v.Name, v.Description)
		for _, c := range v.Columns {
			comment(&b, "COLUMN", v.Name+`."`+c.Name+`"`, c.Description)
		}
	}
	_, err = io.WriteString(out, b.String())
	return err
}

func comment(b *strings.Builder, kind, name, text string) {
	_, _ = fmt.Fprintf(b, "COMMENT ON %s %s IS '%s';\n", kind, name, strings.ReplaceAll(text, "'", "''"))
}

func readTable(dir string, s *arrow.Schema) (string, error) {
	there, err := hasFiles(dir)
	if err != nil || !there {
		return noRows(s), err
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return tableFrom(quoted(at), s), nil
}

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas/views"
)

// printDuckDB prints a script that makes the lake's tables and the views in DuckDB. A
// table without rows has no files, and is an empty one of the same columns.
func printDuckDB(out io.Writer, schemas, lake string) error {
	if err := checkLake(lake); err != nil {
		return err
	}
	plan, err := compile(schemas)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("SET TimeZone = 'UTC';\n")
	for _, s := range plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		from, err := duckDBTable(filepath.Join(lake, "current", t.Name), s)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS SELECT %s;\n", t.Name, from)
	}
	list, err := views.DuckDB()
	if err != nil {
		return err
	}
	for _, v := range list {
		fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS\n%s;\n", v.Name, v.SQL)
	}
	_, err = io.WriteString(out, b.String())
	return err
}

func duckDBTable(dir string, s *arrow.Schema) (string, error) {
	files, err := durable.Glob(dir, "*.parquet")
	if err != nil {
		return "", err
	}
	var columns []string
	for _, f := range s.Fields() {
		columns = append(columns, fmt.Sprintf(`CAST(NULL AS %s) AS "%s"`, duckDBType(f.Type), f.Name))
	}
	empty := strings.Join(columns, ", ") + " WHERE false"
	if len(files) == 0 {
		return empty, nil
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	// Files of an earlier version lack columns that the mappings have now.
	return fmt.Sprintf("* FROM read_parquet('%s/*.parquet', union_by_name = true) UNION ALL BY NAME SELECT %s", strings.ReplaceAll(filepath.ToSlash(at), "'", "''"), empty), nil
}

// duckDBType is the type that DuckDB gives a column of the Parquet files.
func duckDBType(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return duckDBType(t.ValueType)
	case *arrow.ListType:
		return duckDBType(t.Elem()) + "[]"
	case *arrow.Decimal128Type:
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale)
	case *arrow.TimestampType:
		return "TIMESTAMPTZ"
	}
	switch t.ID() { //nolint:exhaustive // tables have no others
	case arrow.BOOL:
		return "BOOLEAN"
	case arrow.INT32:
		return "INTEGER"
	case arrow.INT64:
		return "BIGINT"
	case arrow.UINT64:
		return "UBIGINT"
	case arrow.DATE32:
		return "DATE"
	}
	return "VARCHAR"
}

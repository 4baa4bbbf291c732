package duckdb

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/durable"
)

// noRows is a SELECT without rows that has the columns of a table.
func noRows(s *arrow.Schema) string {
	var columns []string
	for _, f := range s.Fields() {
		columns = append(columns, fmt.Sprintf(`CAST(NULL AS %s) AS "%s"`, typeOf(f.Type), f.Name))
	}
	return "SELECT " + strings.Join(columns, ", ") + " WHERE false"
}

// hasFiles reports whether a folder has Parquet files. Reading a folder without them is
// an error to DuckDB.
func hasFiles(dir string) (bool, error) {
	files, err := durable.Glob(dir, "*.parquet")
	return len(files) > 0, err
}

// tableFrom is a SELECT of a table's rows from a folder, which is SQL: of a text, or of
// an expression that dbt fills in. Files of an earlier version lack columns that the
// mappings have now.
func tableFrom(dir string, s *arrow.Schema) string {
	return fmt.Sprintf("SELECT * FROM read_parquet('%s/*.parquet', union_by_name = true) UNION ALL BY NAME %s", dir, noRows(s))
}

// quoted is a path as the inside of a SQL text.
func quoted(path string) string { return strings.ReplaceAll(filepath.ToSlash(path), "'", "''") }

// typeOf is the type that DuckDB gives a column of the Parquet files.
func typeOf(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return typeOf(t.ValueType)
	case *arrow.ListType:
		return typeOf(t.Elem()) + "[]"
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

package clickhouse

import "github.com/apache/arrow/go/v17/arrow"

// DDL is what makes a table and its view, with comments, as two statements
// that end in ";\n". The error names a column that ClickHouse has no type for.
func DDL(schema *arrow.Schema) (string, error) {
	l, err := layoutOf(schema)
	if err != nil {
		return "", err
	}
	create, err := render("table.sql", l)
	if err != nil {
		return "", err
	}
	view, err := render("view.sql", l)
	return create + ";\n\n" + view + ";\n", err
}

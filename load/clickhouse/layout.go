package clickhouse

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// Columns that the loader adds after those of the schema.
const (
	runNumber  = "_run_number"
	rowVersion = "_row_version"
)

// mergeBase is of how many parts of a size ClickHouse makes one. With five, its default,
// a load writes most rows two or three times more, and queries are not faster for it.
const mergeBase = 20

// layout is a table as ClickHouse holds it.
type layout struct {
	table.Table
	Columns   []columnDef
	MergeBase int // 0 for the server's
	schema    *arrow.Schema
}

// columnDef is a column as ClickHouse holds it.
type columnDef struct {
	Name    string
	Type    string // ClickHouse's
	Codec   string // "" for the default
	Comment string
}

// layoutOf derives the table from its schema.
func layoutOf(s *arrow.Schema) (layout, error) {
	t, err := table.Of(s)
	if err != nil {
		return layout{}, err
	}
	l := layout{Table: t, MergeBase: mergeBase, schema: s}
	for _, f := range s.Fields() {
		typ, err := columnType(f.Type, f.Nullable)
		if err != nil {
			return layout{}, fmt.Errorf("table %s, column %s: %w", t.Name, f.Name, err)
		}
		l.Columns = append(l.Columns, columnDef{Name: f.Name, Type: typ, Codec: codec(f.Type, t.IsRoot()), Comment: table.ColumnDescription(f)})
	}
	for _, k := range t.Key {
		if !s.HasField(k) {
			return layout{}, fmt.Errorf("table %s: key column %s is not in the schema", t.Name, k)
		}
	}
	return l, nil
}

// Versions is the table with every version of each row.
func (l layout) Versions() string { return versionsOf(l.Name) }

// versionsOf is the table with every version of the rows of a table.
func versionsOf(table string) string { return table + "_v" }

// SortKey is what tells rows apart: two sources may use the same ids.
func (l layout) SortKey() []string { return append([]string{lineage.Source}, l.Key...) }

// ID is the column with the resource's id.
func (l layout) ID() string { return l.Key[0] }

// ColumnNames are the schema's columns, in order.
func (l layout) ColumnNames() []string {
	out := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		out[i] = c.Name
	}
	return out
}

// lineageNames are the lineage columns, in order.
func lineageNames() []string {
	var out []string
	for _, f := range lineage.Fields() {
		out = append(out, f.Name)
	}
	return out
}

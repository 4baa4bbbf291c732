package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/claimlake/claimlake/internal/sqltext"
)

// Rows is the answer to a query, read row by row; it is never whole in memory.
type Rows struct {
	rows    driver.Rows
	sql     string
	columns []Column
	targets []any // pointers that Scan writes to
}

// Column is a column of an answer.
type Column struct {
	Name string
	Type string // ClickHouse's, such as "Nullable(Decimal(18, 4))"
}

// Value is one value as text: decimals with all digits of their scale, dates
// as 2006-01-02, times in UTC as 2006-01-02 15:04:05.000000, arrays, tuples
// and maps as JSON.
type Value struct {
	Text string
	Null bool
}

// Query runs SQL that reads. Other statements are refused, and by ClickHouse what would
// change data all the same.
func (s *Store) Query(ctx context.Context, sql string) (*Rows, error) {
	if err := sqltext.Reads(sql); err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	rows, err := s.conn.Query(ch.Context(ctx, ch.WithSettings(ch.Settings{"readonly": 1})), sql)
	if err != nil {
		return nil, fmt.Errorf("query: %w", explained(err, sql))
	}
	r := &Rows{rows: rows, sql: sql}
	for _, c := range rows.ColumnTypes() {
		r.columns = append(r.columns, Column{Name: c.Name(), Type: c.DatabaseTypeName()})
		r.targets = append(r.targets, reflect.New(c.ScanType()).Interface())
	}
	if len(r.columns) == 0 {
		r.columns = s.describe(ctx, sql)
	}
	return r, nil
}

// describe gives the columns of a query without rows, which over HTTP has none; none where
// the query is no SELECT.
func (s *Store) describe(ctx context.Context, sql string) []Column {
	sql = "DESCRIBE TABLE (" + strings.TrimRight(sql, " \t\r\n;") + "\n)"
	if sqltext.Reads(sql) != nil {
		return nil
	}
	rows, err := s.conn.Query(ch.Context(ctx, ch.WithSettings(ch.Settings{"readonly": 1, "describe_compact_output": 1})), sql)
	if err != nil {
		return nil
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []Column
	for rows.Next() {
		var c Column
		if rows.Scan(&c.Name, &c.Type) != nil {
			return nil
		}
		out = append(out, c)
	}
	if rows.Err() != nil {
		return nil
	}
	return out
}

// Columns are the answer's columns.
func (r *Rows) Columns() []Column { return r.columns }

// Next reports whether there is another row; see Err when there is not.
func (r *Rows) Next() bool { return r.rows.Next() }

// Row is the current row, a value for each column.
func (r *Rows) Row() ([]Value, error) {
	if err := r.rows.Scan(r.targets...); err != nil {
		return nil, fmt.Errorf("read row: %w", err)
	}
	out := make([]Value, len(r.targets))
	for i, t := range r.targets {
		out[i] = value(bare(r.columns[i].Type), reflect.ValueOf(t).Elem())
	}
	return out, nil
}

// Err is the error that ended the answer, if one did.
func (r *Rows) Err() error {
	if err := r.rows.Err(); err != nil {
		return fmt.Errorf("query: %w", explained(err, r.sql))
	}
	return nil
}

// Close ends the query.
func (r *Rows) Close() error { return r.rows.Close() }

// IsNumber reports whether the column's values are numbers, which JSON writes
// without quotes.
func (c Column) IsNumber() bool {
	t := bare(c.Type)
	for _, p := range []string{"Int", "UInt", "Float", "BFloat", "Decimal"} {
		if strings.HasPrefix(t, p) && !strings.HasPrefix(t, "Interval") {
			return true
		}
	}
	return false
}

// bare is a type without Nullable and LowCardinality.
func bare(t string) string {
	for _, wrap := range []string{"LowCardinality(", "Nullable("} {
		if inner, ok := strings.CutPrefix(t, wrap); ok {
			t = strings.TrimSuffix(inner, ")")
		}
	}
	return t
}

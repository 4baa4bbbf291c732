package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/lineage"
)

// check holds claimlake's Parquet against DuckDB's. For each table it compares the
// number of rows; for each column the number of values and, of decimals, their exact
// sum; and then all rows as multisets, both ways, over the columns that both have.
// The error names every column that differs.
func check(ctx context.Context, tables []mappedTable, lake, duckDir string) (rows int64, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // nothing is to be kept
	var problems []error
	for _, t := range tables {
		ours, _ := filepath.Glob(filepath.Join(lake, "current", t.name, "*.parquet"))
		theirs, _ := filepath.Glob(filepath.Join(duckDir, t.name+".parquet"))
		if len(ours) == 0 && len(theirs) == 0 {
			continue
		}
		if len(ours) == 0 || len(theirs) == 0 {
			problems = append(problems, fmt.Errorf("%s: %d files of claimlake, %d of DuckDB", t.name, len(ours), len(theirs)))
			continue
		}
		c := comparison{db: db, table: t, ours: filepath.Join(lake, "current", t.name, "*.parquet"), theirs: theirs[0]}
		n, err := c.run(ctx)
		rows += n
		problems = append(problems, err)
	}
	return rows, errors.Join(problems...)
}

// comparison is that of one table.
type comparison struct {
	db           *sql.DB
	table        mappedTable
	ours, theirs string // Parquet files
}

func (c *comparison) run(ctx context.Context) (int64, error) {
	ours, err := c.numbers(ctx, c.ours)
	if err != nil {
		return 0, err
	}
	theirs, err := c.numbers(ctx, c.theirs)
	if err != nil {
		return 0, err
	}
	var problems []error
	for i, name := range ours.names {
		if ours.values[i] != theirs.values[i] {
			problems = append(problems, fmt.Errorf("%s: %s is %s for claimlake and %s for DuckDB", c.table.name, name, ours.values[i], theirs.values[i]))
		}
	}
	if len(problems) == 0 {
		problems = append(problems, c.multisets(ctx))
	}
	return ours.rows, errors.Join(problems...)
}

// numbers are the counts and sums of a table.
type numbers struct {
	rows          int64
	names, values []string
}

func (c *comparison) numbers(ctx context.Context, files string) (numbers, error) {
	n := numbers{}
	selects := []string{"count(*)"}
	n.names = append(n.names, "count(*)")
	for _, col := range c.columns() {
		exprs := []string{fmt.Sprintf("count(%q)", col)}
		if strings.HasPrefix(c.kind(col), "decimal") || strings.HasPrefix(c.kind(col), "rounded") {
			exprs = append(exprs, fmt.Sprintf("sum(%q)", col))
		}
		if strings.HasPrefix(c.kind(col), "list(") {
			exprs = append(exprs, fmt.Sprintf("sum(len(%q))", col))
		}
		selects, n.names = append(selects, exprs...), append(n.names, exprs...)
	}
	n.values = make([]string, len(selects))
	for i := range selects {
		selects[i] = "coalesce((" + selects[i] + ")::VARCHAR, 'null')"
	}
	into := make([]any, len(selects))
	for i := range into {
		into[i] = &n.values[i]
	}
	err := c.db.QueryRowContext(ctx, fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(selects, ", "), quote(files))).Scan(into...)
	if err != nil {
		return n, fmt.Errorf("%s: %w", c.table.name, err)
	}
	_, err = fmt.Sscan(n.values[0], &n.rows)
	return n, err
}

// columns are those of the mapping and the lineage that depends on the row.
func (c *comparison) columns() []string {
	var names []string
	for _, col := range c.table.columns {
		names = append(names, col.name)
	}
	return append(names, lineage.Line, lineage.Version, lineage.Deleted)
}

func (c *comparison) kind(name string) string {
	i := slices.IndexFunc(c.table.columns, func(col mappedColumn) bool { return col.name == name })
	if i < 0 {
		return ""
	}
	return c.table.columns[i].kind
}

// multisets compares all rows, both ways. Where they differ it says in which columns.
func (c *comparison) multisets(ctx context.Context) error {
	n, err := c.difference(ctx, c.columns())
	if err != nil || n == 0 {
		return err
	}
	problems := []error{fmt.Errorf("%s: %d rows differ", c.table.name, n)}
	for _, col := range c.columns() {
		n, err := c.difference(ctx, []string{lineage.Line, col})
		if err != nil {
			return err
		}
		if n > 0 {
			problems = append(problems, fmt.Errorf("%s: %d values of %s differ", c.table.name, n, col))
		}
	}
	return errors.Join(problems...)
}

// difference counts the rows, over some columns, that only one of them has.
func (c *comparison) difference(ctx context.Context, columns []string) (n int64, err error) {
	list := `"` + strings.Join(columns, `", "`) + `"`
	side := func(files string) string {
		return fmt.Sprintf("SELECT %s FROM read_parquet(%s)", list, quote(files))
	}
	q := fmt.Sprintf("SELECT (SELECT count(*) FROM (%[1]s EXCEPT ALL %[2]s)) + (SELECT count(*) FROM (%[2]s EXCEPT ALL %[1]s))", side(c.ours), side(c.theirs))
	if err := c.db.QueryRowContext(ctx, q).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", c.table.name, err)
	}
	return n, nil
}

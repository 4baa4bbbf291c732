package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// comparison is that of one table.
type comparison struct {
	db           *sql.DB
	table        mappedTable
	rival        rival
	ours, theirs string // Parquet files
}

// comparedColumn is a column and how its values are compared.
type comparedColumn struct {
	name, value string
	sum         string // expression that is summed; "" for none
}

func (c *comparison) columns() []comparedColumn {
	var list []comparedColumn
	for _, col := range c.table.columns {
		cc := comparedColumn{name: col.name, value: `"` + col.name + `"`}
		switch {
		case strings.HasPrefix(col.kind, "list("):
			cc.sum = "len(" + cc.value + ")"
			if !c.rival.nulls {
				cc.value = "nullif(" + cc.value + ", [])"
			}
		case strings.HasPrefix(col.kind, "decimal"), strings.HasPrefix(col.kind, "rounded"):
			cc.sum = cc.value
		}
		list = append(list, cc)
	}
	for _, name := range c.rival.lineage {
		list = append(list, comparedColumn{name: name, value: `"` + name + `"`})
	}
	return list
}

// run compares the numbers, and where they are equal the rows.
func (c *comparison) run(ctx context.Context) (rows int64, err error) {
	names, ours, err := c.numbers(ctx, c.ours)
	if err != nil {
		return 0, err
	}
	_, theirs, err := c.numbers(ctx, c.theirs)
	if err != nil {
		return 0, err
	}
	var problems []error
	for i, name := range names {
		if ours[i] != theirs[i] {
			problems = append(problems, fmt.Errorf("%s: %s is %s for claimlake and %s for %s", c.table.name, name, ours[i], theirs[i], c.rival.name))
		}
	}
	if len(problems) == 0 {
		problems = append(problems, c.multisets(ctx))
	}
	_, err = fmt.Sscan(ours[0], &rows)
	return rows, errors.Join(append(problems, err)...)
}

// numbers are the counts and sums of a table, the number of rows first.
func (c *comparison) numbers(ctx context.Context, files string) (names, values []string, err error) {
	names = []string{"count(*)"}
	for _, col := range c.columns() {
		names = append(names, "count("+col.value+")")
		if col.sum != "" {
			names = append(names, "coalesce(sum("+col.sum+"), 0)")
		}
	}
	values = make([]string, len(names))
	texts, into := make([]string, len(names)), make([]any, len(names))
	for i, name := range names {
		texts[i], into[i] = name+"::VARCHAR", &values[i]
	}
	q := fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(texts, ", "), quote(files))
	if err := c.db.QueryRowContext(ctx, q).Scan(into...); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.table.name, err)
	}
	return names, values, nil
}

// multisets compares all rows, both ways. Where they differ it says in which columns.
func (c *comparison) multisets(ctx context.Context) error {
	n, err := c.difference(ctx, c.columns())
	if err != nil || n == 0 {
		return err
	}
	problems := []error{fmt.Errorf("%s: %d rows of claimlake or %s are not the other's", c.table.name, n, c.rival.name)}
	for _, col := range c.columns()[1:] {
		n, err := c.difference(ctx, []comparedColumn{c.columns()[0], col})
		if err != nil {
			return err
		}
		if n > 0 {
			problems = append(problems, fmt.Errorf("%s: %d values of %s differ", c.table.name, n, col.name))
		}
	}
	return errors.Join(problems...)
}

// difference counts the rows, over some columns, that only one of them has.
func (c *comparison) difference(ctx context.Context, columns []comparedColumn) (n int64, err error) {
	values := make([]string, len(columns))
	for i, col := range columns {
		values[i] = fmt.Sprintf("%s AS c%d", col.value, i)
	}
	side := func(files string) string {
		return fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(values, ", "), quote(files))
	}
	q := fmt.Sprintf("SELECT (SELECT count(*) FROM (%[1]s EXCEPT ALL %[2]s)) + (SELECT count(*) FROM (%[2]s EXCEPT ALL %[1]s))", side(c.ours), side(c.theirs))
	if err := c.db.QueryRowContext(ctx, q).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", c.table.name, err)
	}
	return n, nil
}

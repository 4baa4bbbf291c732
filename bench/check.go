package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
)

// rival is one whose rows must be claimlake's.
type rival struct {
	name    string
	files   string   // its Parquet files in its folder, with %s for the table
	lineage []string // the lineage columns it has that depend on the row
	nulls   bool     // it tells an absent list from an empty one
}

// check holds claimlake's Parquet against a rival's, which is in dir. For each table it compares the
// number of rows; for each column the number of values and, of decimals, their exact
// sum; and then all rows as multisets, both ways. The error names every column that
// differs. There is no list of exclusions: all columns of the mapping are compared.
func check(ctx context.Context, tables []mappedTable, lake string, r rival, dir string) (rows int64, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // nothing is to be kept
	var problems []error
	for _, t := range tables {
		c := comparison{
			db: db, table: t, rival: r,
			ours:   filepath.Join(lake, "current", t.name, "*.parquet"),
			theirs: filepath.Join(dir, fmt.Sprintf(r.files, t.name)),
		}
		ours, theirs := exists(c.ours), exists(c.theirs)
		if ours != theirs {
			problems = append(problems, fmt.Errorf("%s: rows of claimlake: %v, of %s: %v", t.name, ours, r.name, theirs))
		}
		if !ours || !theirs {
			continue
		}
		n, err := c.run(ctx)
		rows += n
		problems = append(problems, err)
	}
	return rows, errors.Join(problems...)
}

func exists(pattern string) bool {
	files, err := filepath.Glob(pattern)
	return err == nil && len(files) > 0
}

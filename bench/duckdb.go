package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
)

// duckScript is all that DuckDB runs: read once, then one COPY for each table. A table
// in memory is twice as fast as a view, which would read the file for every COPY.
func duckScript(tables []mappedTable, s *shape, file, out string) (script, error) {
	queries, err := selects(duck{}, tables, s)
	if err != nil {
		return script{}, err
	}
	var columns []string
	for _, key := range wantedKeys(s) {
		columns = append(columns, quote(key)+": "+quote(duckType(s.keys[key])))
	}
	sc := script{read: []string{
		"SET threads = 2",
		"SET GLOBAL TimeZone = 'UTC'",
		// Its scans are parallel by row groups, of which the default size leaves one.
		"ATTACH ':memory:' AS work (ROW_GROUP_SIZE 2048)",
		fmt.Sprintf("CREATE TABLE work.resource AS SELECT * FROM read_json(%s, format = 'newline_delimited', columns = {%s})", quote(file), strings.Join(columns, ", ")),
	}}
	for _, t := range tables {
		if queries[t.name] != "" {
			sc.write = append(sc.write, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)", queries[t.name], quote(filepath.Join(out, t.name+".parquet"))))
		}
	}
	return sc, nil
}

// runDuck runs a script in this process.
func runDuck(ctx context.Context, sc script) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing is to be kept
	return sc.run(ctx, func(ctx context.Context, statement string) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
}

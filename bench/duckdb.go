package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
)

// duckScript is all that DuckDB runs: read once, then one COPY for each table.
func duckScript(tables []mappedTable, s *shape, file, out string) ([]string, error) {
	selects, err := duckSelects(tables, s)
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, key := range wantedKeys(s) {
		columns = append(columns, quote(key)+": "+quote(duckType(s.keys[key])))
	}
	script := []string{
		"SET threads = 2",
		"SET TimeZone = 'UTC'",
		// Its scans are parallel by row groups, of which the default size leaves one.
		"ATTACH ':memory:' AS work (ROW_GROUP_SIZE 2048)",
		"USE work",
		fmt.Sprintf("CREATE TABLE resource AS SELECT * FROM read_json(%s, format = 'newline_delimited', columns = {%s})", quote(file), strings.Join(columns, ", ")),
	}
	for _, t := range tables {
		if selects[t.name] != "" {
			script = append(script, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)", selects[t.name], quote(filepath.Join(out, t.name+".parquet"))))
		}
	}
	return script, nil
}

// runDuck runs a script in this process.
func runDuck(ctx context.Context, script []string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing is to be kept
	db.SetMaxOpenConns(1)
	for _, statement := range script {

		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("DuckDB: %w in\n%.2000s", err, statement)
		}
	}
	return nil
}

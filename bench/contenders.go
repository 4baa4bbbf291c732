package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/lineage"
)

// children are what this program does in processes of its own, by the first argument.
var children = map[string]func(ctx context.Context, args []string) error{
	"duckdb":     duckChild,
	"clickhouse": clickHouseChild,
	"check":      checkChild,
}

// contenders gives the ways to flatten file. It makes the SQL, which nobody's time
// includes.
func (o options) contenders(file, work string) ([]contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	tables, err := readMapping()
	if err != nil {
		return nil, err
	}
	s, err := observe(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	duckSQL := filepath.Join(work, "duckdb.sql")
	script, err := duckScript(tables, s, file, folder(work, "flatten/duckdb"))
	if err != nil {
		return nil, err
	}
	if err := script.save(duckSQL); err != nil {
		return nil, err
	}
	clickHouseSQL := filepath.Join(work, "clickhouse.sql")
	if script, err = clickHouseScript(tables, s, file, folder(work, "flatten/clickhouse")); err != nil {
		return nil, err
	}
	if err := script.save(clickHouseSQL); err != nil {
		return nil, err
	}
	return []contender{
		{"flatten/claimlake", func(out string) []string {
			return []string{o.claimlake, "flatten", "--parquet-only", "--lake", out, file}
		}},
		{"flatten/duckdb", func(string) []string { return []string{self, "duckdb", duckSQL} }},
		{"flatten/clickhouse", func(out string) []string {
			return []string{self, "clickhouse", clickHouseSQL, filepath.Join(out, "warehouse")}
		}},
	}, nil
}

// duckChild runs a script: duckdb FILE.
func duckChild(ctx context.Context, args []string) error {
	script, err := openScript(args[0])
	if err != nil {
		return err
	}
	return runDuck(ctx, script)
}

// clickHouseChild runs a script: clickhouse FILE DIR.
func clickHouseChild(ctx context.Context, args []string) error {
	script, err := openScript(args[0])
	if err != nil {
		return err
	}
	return runClickHouse(ctx, script, args[1])
}

// checkChild compares: check LAKE DUCKDB CLICKHOUSE, three folders.
func checkChild(ctx context.Context, args []string) error {
	tables, err := readMapping()
	if err != nil {
		return err
	}
	for _, r := range []rival{
		{name: "DuckDB", dir: args[1], lineage: []string{lineage.Line, lineage.Version, lineage.Deleted}, nulls: true},
		{name: "ClickHouse", dir: args[2], lineage: []string{lineage.Version, lineage.Deleted}},
	} {
		rows, err := check(ctx, tables, args[0], r)
		if err == nil && rows == 0 {
			err = fmt.Errorf("no rows in %s", args[0])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

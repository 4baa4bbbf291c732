package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/lineage"
)

// children are what this program does in processes of its own, by the first argument.
var children = map[string]func(ctx context.Context, args []string) error{
	"duckdb":     duckChild,
	"clickhouse": clickHouseChild,
	"gjson-get":  gjsonChild,
	"check":      checkChild,
	"serve":      serveChild,
	"by-hand":    byHandChild,
}

// duckChild runs a script: duckdb SCRIPT.
func duckChild(ctx context.Context, args []string) error {
	s, err := openScript(args[0])
	if err != nil {
		return err
	}
	return runDuck(ctx, s)
}

// clickHouseChild runs a script: clickhouse SCRIPT DIR FILES, in the folder engine below DIR.
func clickHouseChild(ctx context.Context, args []string) error {
	s, err := openScript(args[0])
	if err != nil {
		return err
	}
	files, err := filepath.Glob(args[2])
	if err != nil {
		return err
	}
	return runClickHouse(ctx, s, filepath.Join(args[1], "engine"), args[1], files)
}

// gjsonChild flattens: gjson-get FILE DIR.
func gjsonChild(ctx context.Context, args []string) error {
	tables, err := readMapping()
	if err != nil {
		return err
	}
	return gjsonGet(ctx, tables, args[0], args[1])
}

// rivals are those whose rows are compared.
var rivals = map[string]rival{
	"duckdb":     {name: "DuckDB", files: "%s.parquet", lineage: []string{lineage.Line, lineage.Version, lineage.Deleted}, nulls: true},
	"clickhouse": {name: "ClickHouse", files: "%s.parquet", lineage: []string{lineage.Version, lineage.Deleted}},
	"gjson-get":  {name: "gjson.Get", files: "runs/1/%s/*.parquet", lineage: []string{lineage.Line, lineage.Version, lineage.Deleted, lineage.Hash}, nulls: true},
}

// checkChild compares: check LAKE RIVAL DIR.
func checkChild(ctx context.Context, args []string) error {
	tables, err := readMapping()
	if err != nil {
		return err
	}
	rows, err := check(ctx, tables, args[0], rivals[args[1]], args[2])
	if err == nil && rows == 0 {
		err = fmt.Errorf("no rows in %s", args[0])
	}
	return err
}

package main

import (
	"os"
	"path/filepath"
)

// Names of the contenders, which are the names of their cases. Each has two threads or
// workers but oneWorker.
const (
	oursCase       = "flatten/claimlake"
	oneWorker      = "flatten/claimlake-one-worker"
	duckCase       = "flatten/duckdb"
	clickHouseCase = "flatten/clickhouse"
	tenthCase      = "flatten/claimlake-tenth" // on a tenth of the input
	gjsonCase      = "flatten/gjson-get"       // on the same tenth
)

// contenders gives the ways to flatten file, and those to flatten a tenth of it. It
// makes the SQL, which nobody's time includes.
func (o options) contenders(file, tenth, work string) ([]contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	duckSQL, clickHouseSQL, err := writeScripts(file, work)
	if err != nil {
		return nil, err
	}
	claimlake := func(workers, file string) func(string) []string {
		return func(out string) []string {
			return []string{o.claimlake, "flatten", "--parquet-only", "--workers", workers, "--lake", out, file}
		}
	}
	return []contender{
		{oursCase, claimlake("2", file)},
		{duckCase, func(string) []string { return []string{self, "duckdb", duckSQL} }},
		{clickHouseCase, func(out string) []string {
			return []string{self, "clickhouse", clickHouseSQL, out, file}
		}},
		{oneWorker, claimlake("1", file)},
		{tenthCase, claimlake("2", tenth)},
		{gjsonCase, func(out string) []string { return []string{self, "gjson-get", tenth, out} }},
	}, nil
}

// writeScripts makes the SQL of both databases and gives the names of its files.
func writeScripts(file, work string) (duckSQL, clickHouseSQL string, err error) {
	tables, err := readMapping()
	if err != nil {
		return "", "", err
	}
	s, err := observe(file)
	if err != nil {
		return "", "", err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", "", err
	}
	duckSQL, clickHouseSQL = filepath.Join(work, "duckdb.sql"), filepath.Join(work, "clickhouse.sql")
	d, err := duckScript(tables, s, file, folder(work, duckCase))
	if err != nil {
		return "", "", err
	}
	if err := d.save(duckSQL); err != nil {
		return "", "", err
	}
	c, err := clickHouseScript(tables, s)
	if err != nil {
		return "", "", err
	}
	return duckSQL, clickHouseSQL, c.save(clickHouseSQL)
}

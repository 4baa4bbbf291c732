package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// children are what this program does in processes of its own, by the first argument.
var children = map[string]func(ctx context.Context, args []string) error{
	"duckdb": duckChild,
	"check":  checkChild,
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
	if err := writeScript(duckSQL, script); err != nil {
		return nil, err
	}
	return []contender{
		{"flatten/claimlake", func(out string) []string {
			return []string{o.claimlake, "flatten", "--parquet-only", "--lake", out, file}
		}},
		{"flatten/duckdb", func(string) []string { return []string{self, "duckdb", duckSQL} }},
	}, nil
}

// duckChild runs a script: duckdb FILE.
func duckChild(ctx context.Context, args []string) error {
	script, err := readScript(args[0])
	if err != nil {
		return err
	}
	return runDuck(ctx, script)
}

// checkChild compares: check LAKE DUCKDB.
func checkChild(ctx context.Context, args []string) error {
	tables, err := readMapping()
	if err != nil {
		return err
	}
	rows, err := check(ctx, tables, args[0], args[1])
	if err == nil && rows == 0 {
		err = fmt.Errorf("no rows in %s", args[0])
	}
	return err
}

// endOfStatement stands between the statements of a script.
const endOfStatement = ";\n"

func writeScript(name string, script []string) error {
	return os.WriteFile(name, []byte(strings.Join(script, endOfStatement)), 0o644)
}

func readScript(name string) ([]string, error) {
	b, err := os.ReadFile(name)
	return strings.Split(string(b), endOfStatement), err
}

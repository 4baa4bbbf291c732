package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The check must see every difference that a wrong flattening could make.
func TestCheckSeesDifferences(t *testing.T) {
	const ours = `('1', 2.50, ['a', 'b']), ('2', NULL, NULL), ('2', NULL, NULL)`
	for name, tc := range map[string]struct{ theirs, want string }{
		"same rows in another order":   {`('2', NULL, NULL), ('1', 2.5, ['a', 'b']), ('2', NULL, NULL)`, ""},
		"a row is missing":             {`('1', 2.50, ['a', 'b']), ('2', NULL, NULL)`, "count(*)"},
		"an amount is off":             {`('1', 2.51, ['a', 'b']), ('2', NULL, NULL), ('2', NULL, NULL)`, "sum"},
		"zero instead of null":         {`('1', 2.50, ['a', 'b']), ('2', 0, NULL), ('2', NULL, NULL)`, "count"},
		"values in each other's row":   {`('2', 2.50, ['a', 'b']), ('1', NULL, NULL), ('2', NULL, NULL)`, "rows of claimlake or DuckDB"},
		"empty list instead of none":   {`('1', 2.50, ['a', 'b']), ('2', NULL, []), ('2', NULL, NULL)`, "count"},
		"elements in another order":    {`('1', 2.50, ['b', 'a']), ('2', NULL, NULL), ('2', NULL, NULL)`, "values of codes differ"},
		"twice one instead of another": {`('1', 2.50, ['a', 'b']), ('1', NULL, NULL), ('2', NULL, NULL)`, "rows of claimlake"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeRows(t, filepath.Join(dir, "current", "claim", "part.parquet"), ours)
			writeRows(t, filepath.Join(dir, "claim.parquet"), tc.theirs)
			tables := []mappedTable{{name: "claim", columns: []mappedColumn{
				{name: "id", kind: "id"}, {name: "amount", kind: "decimal(18,4)"}, {name: "codes", kind: "list(code)"},
			}}}
			_, err := check(t.Context(), tables, dir, rival{name: "DuckDB", files: "%s.parquet", nulls: true}, dir)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func writeRows(t *testing.T, file, rows string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	execDuck(t.Context(), t, fmt.Sprintf("COPY (SELECT id, amount::DECIMAL(18,4) AS amount, codes FROM (VALUES %s) t(id, amount, codes)) TO %s (FORMAT parquet)", rows, quote(file)))
}

func execDuck(ctx context.Context, t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing is to be kept
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// On a small input the SQL of the whole mapping finds what gjson finds, in both databases.
func TestSQLEqualsGJSON(t *testing.T) {
	dir := t.TempDir()
	file, err := input(dir, 2<<20)
	must(t, err)
	tables, err := readMapping()
	must(t, err)
	s, err := observe(file)
	must(t, err)
	lake := filepath.Join(dir, "lake")
	must(t, gjsonGet(t.Context(), tables, file, lake))
	must(t, os.Symlink(filepath.Join("runs", "1"), filepath.Join(lake, "current")))
	for name, flatten := range map[string]func(out string) error{
		"duckdb": func(out string) error {
			script, err := duckScript(tables, s, file, out)
			if err != nil {
				return err
			}
			return runDuck(t.Context(), script)
		},
		"clickhouse": func(out string) error {
			script, err := clickHouseScript(tables, s)
			if err != nil {
				return err
			}
			return runClickHouse(t.Context(), script, filepath.Join(out, "engine"), out, []string{file})
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			must(t, flatten(out))
			if rows, err := check(t.Context(), tables, lake, rivals[name], out); err != nil || rows < 1000 {
				t.Errorf("%d rows, %v", rows, err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

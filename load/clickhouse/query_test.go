package clickhouse

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQueryPrintsExactly(t *testing.T) {
	s := store(t)
	for sql, want := range map[string]string{
		"toDecimal64('1.10', 4)":                               "1.1000",
		"toDecimal128('-0.0001', 4)":                           "-0.0001",
		"toDecimal256('123456789012345678901234567890', 0)":    "123456789012345678901234567890",
		"sum(toDecimal64('0.1', 2))":                           "0.10",
		"toDate('2024-02-29')":                                 "2024-02-29",
		"toDate32('1931-01-01')":                               "1931-01-01",
		"toDateTime('2024-01-02 03:04:05', 'UTC')":             "2024-01-02 03:04:05",
		"toDateTime64('2024-01-02 03:04:05.1', 3, 'UTC')":      "2024-01-02 03:04:05.100",
		"toUInt64(18446744073709551615)":                       "18446744073709551615",
		"toInt128('-170141183460469231731687303715884105728')": "-170141183460469231731687303715884105728",
		"0.1":                           "0.1",
		"NULL":                          "NULL",
		"true":                          "true",
		"'a|b'":                         "a|b",
		"[toDecimal64('1.5', 2), NULL]": "[1.50,null]",
		"[[1, 2], []]":                  "[[1,2],[]]",
		"map('k', 1)":                   `{"k":1}`,
		"tuple(1, 'x')":                 `[1,"x"]`,
		"CAST((1, 'x', toDecimal64(1.5, 2)) AS Tuple(a Int64, b String, c Decimal(18, 2)))": `{"a":1,"b":"x","c":1.50}`,
		"map('b', [toDecimal64(1.5, 2)], 'a', [])":                                          `{"a":[],"b":[1.50]}`,
		"[tuple(toDate('2024-02-29'), NULL)]":                                               `[["2024-02-29",null]]`,
		"toUUID('0191b3c2-0000-7000-8000-000000000001')":                                    "0191b3c2-0000-7000-8000-000000000001",
		"count()": "1",
	} {
		if got := s.lines(t, "SELECT "+sql); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", sql, got, want)
		}
	}
}

func TestQueryColumns(t *testing.T) {
	rows, err := store(t).Query(context.Background(), "SELECT toNullable(1) AS a, toLowCardinality('x') AS b, toDecimal64(1, 2) AS c, now() AS d")
	must(t, err)
	defer rows.Close() //nolint:errcheck // read only
	var got []string
	for _, c := range rows.Columns() {
		kind := "text"
		if c.IsNumber() {
			kind = "number"
		}
		got = append(got, c.Name+" "+c.Type+" "+kind)
	}
	if want := []string{"a Nullable(UInt8) number", "b LowCardinality(String) text", "c Decimal(18, 2) number", "d DateTime text"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Values are what JSON has for them.
func TestQueryGivesJSON(t *testing.T) {
	s := store(t)
	for sql, want := range map[string]string{
		"toUInt64(18446744073709551615)": "18446744073709551615", "toDecimal64('1.10', 4)": "1.1000", "NULL": "null", "nan": "null", "inf": "null", "true": "true", "'[1]'": `"[1]"`,
		"[1, 2]": "[1,2]", "['a']": `["a"]`, "map('k', nan)": `{"k":null}`, "[[true], []]": "[[true],[]]", "toDate('2024-02-29')": `"2024-02-29"`, "'\"'": `"\""`,
	} {
		rows, err := s.Query(context.Background(), "SELECT "+sql+" AS x")
		must(t, err)
		if !rows.Next() {
			t.Fatal(sql, rows.Err())
		}
		values, err := rows.Row()
		must(t, err)
		if got := rows.Columns()[0].JSON(values[0]); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
		must(t, rows.Close())
	}
}

// A query without rows has columns.
func TestEmptyAnswersHaveColumns(t *testing.T) {
	rows, err := store(t).Query(context.Background(), "SELECT 1 AS a, 'x' AS b WHERE 0;")
	must(t, err)
	defer rows.Close() //nolint:errcheck // read only
	if c := rows.Columns(); rows.Next() || len(c) != 2 || c[0] != (Column{"a", "UInt8"}) || c[1] != (Column{"b", "String"}) {
		t.Errorf("columns %v", c)
	}
}

func TestQueryOnlyReads(t *testing.T) {
	s := store(t)
	for _, sql := range []string{"CREATE TABLE t (a UInt8) ENGINE = Memory", "DROP DATABASE claimlake", "SELECT * FROM file('/etc/hostname', 'LineAsString', 'l String')", "SELECT 1; SELECT 2", "SELEC"} {
		if _, err := s.Query(context.Background(), sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
}

func TestRunsAndFilesAreRecordedOnce(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, state := range []string{"failed", "promoted"} {
		must(t, s.RecordRun(ctx, RunRow{RunID: "r1", RunNumber: 1, Source: "payer-a", Kind: "sync", State: state, Started: at, Finished: at, TransactionTime: &at, Files: 1, Counts: Counts{Lines: 3, Landed: 2, Rejected: 1}}))
		must(t, s.RecordFiles(ctx, []FileRow{{FileID: "f1", RunID: "r1", Name: "https://h/f1", ResourceType: "Claim", Counts: Counts{Bytes: 10}, Retrieved: at}}))
	}
	if got := s.lines(t, "SELECT run_id, state, lines, landed, rejected, transaction_time FROM _run"); !slices.Equal(got, []string{"r1|promoted|3|2|1|2024-01-02 03:04:05.000000"}) {
		t.Errorf("_run: %q", got)
	}
	if got := s.lines(t, "SELECT file_id, name, bytes FROM _file"); !slices.Equal(got, []string{"f1|https://h/f1|10"}) {
		t.Errorf("_file: %q", got)
	}
}

func TestOpenErrors(t *testing.T) {
	ctx := context.Background()
	_, err := Open(ctx, Options{Addr: "127.0.0.1:1", HTTP: true})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || !strings.Contains(err.Error(), "warehouse.address") {
		t.Errorf("nobody listens: %v", err)
	}
	srv := engine(t, t.TempDir())
	wrong := func() (string, error) { return "wrong-password", nil }
	_, err = Open(ctx, Options{Addr: srv.Addr, HTTP: true, User: srv.User, Password: wrong})
	if err == nil || !strings.Contains(err.Error(), "password") || strings.Contains(err.Error(), "wrong-password") {
		t.Errorf("wrong password: %v", err)
	}
}

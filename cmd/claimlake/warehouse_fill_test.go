package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A lake that was loaded without ClickHouse gets one, with the same rows as a load into
// both, in all tables and columns.
func TestWarehouseFill(t *testing.T) {
	dir := t.TempDir()
	in := everyResource(t)
	loaded := func(lake string, args ...string) {
		t.Helper()
		if code, _, problems := command(t, append(append([]string{"flatten", "--lake", lake}, args...), in...)...); code != exitDone {
			t.Fatal(problems)
		}
	}
	both, later := newLake(t, filepath.Join(dir, "both")), filepath.Join(dir, "later")
	loaded(both)
	loaded(later, "--parquet-only")
	fill := func(want string) {
		t.Helper()
		code, out, problems := command(t, "warehouse", "fill", "--lake", later)
		if code != exitDone || !strings.Contains(out, want) {
			t.Fatalf("exit code %d: %s%s", code, out, problems)
		}
	}
	fill("1 runs loaded")
	t.Run("the same rows", func(t *testing.T) { sameTables(t, serveLake(t, both), serveLake(t, later)) })
	fill("ClickHouse lacked no run of the lake")

	file := put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: \"https://fhir.example.org\"}\nlake: {dir: "+later+"}\nwarehouse: {mode: none}\n")
	if code, _, problems := command(t, "warehouse", "fill", "--config", file); code != exitUsage || !strings.Contains(problems, "there is no ClickHouse to fill") {
		t.Errorf("exit code %d: %s", code, problems)
	}
}

// everyResource are the files with resources of each type that has a mapping.
func everyResource(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "*.ndjson"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// sameTables compares all tables of two ClickHouse, given by configurations, but for what the run tells of itself.
func sameTables(t *testing.T, one, other string) {
	t.Helper()
	const filled = "SELECT substring(table, 1, length(table) - 2) AS t FROM system.parts WHERE database = currentDatabase() AND active AND rows > 0 AND match(table, '^[a-z].*_v$') GROUP BY t ORDER BY t"
	tables := strings.Fields(answer(t, one, filled))[1:]
	if len(tables) < 50 {
		t.Fatalf("%d tables have rows", len(tables))
	}
	var sums []string
	for _, name := range tables {
		sums = append(sums, "SELECT '"+name+"' AS t, count(), sum(cityHash64(toJSONString(tuple(COLUMNS('^([^_]|_source|_line|_hash|_mapping|_deleted)'))))) FROM "+name)
	}
	sql := strings.Join(sums, " UNION ALL ")
	a, b := strings.Split(answer(t, one, "SELECT * FROM ("+sql+") ORDER BY t"), "\n"), strings.Split(answer(t, other, "SELECT * FROM ("+sql+") ORDER BY t"), "\n")
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("%s, in the other %s", a[i], b[i])
		}
	}
	if got := answer(t, other, filled); strings.Join(strings.Fields(got)[1:], " ") != strings.Join(tables, " ") {
		t.Errorf("tables with rows: %s", got)
	}
}

// answer is what ClickHouse says, as CSV with a header.
func answer(t *testing.T, config, sql string) string {
	t.Helper()
	code, out, problems := command(t, "query", "--config", config, "--format", "csv", sql)
	if code != exitDone {
		t.Fatal(problems)
	}
	return out
}

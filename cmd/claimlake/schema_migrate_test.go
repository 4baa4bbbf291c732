package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A column that gets another type is refused in the old lake, and all runs are in a new
// one after a migration.
func TestSchemaMigrate(t *testing.T) {
	dir := t.TempDir()
	lake, other := filepath.Join(dir, "lake"), filepath.Join(dir, "new lake")
	const table = "resource: Basic\ntables: [{name: basic, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}, {name: n, path: n, type: string, description: d}]}]\n"
	before, now := filepath.Join(dir, "before"), filepath.Join(dir, "now")
	put(t, filepath.Join(before, "basic.yaml"), table)
	put(t, filepath.Join(now, "basic.yaml"), strings.Replace(table, "type: string", "type: integer", 1))
	load := func(lake, schemas, archive, name string, lines ...string) (int, string) {
		t.Helper()
		file := put(t, filepath.Join(dir, name), strings.Join(lines, "\n")+"\n")
		code, out, problems := command(t, "flatten", "--parquet-only", "--lake", lake, "--schemas", schemas, "--archive", archive, file)
		return code, out + problems
	}
	migrate := func(args ...string) (int, string) {
		t.Helper()
		code, out, problems := command(t, append([]string{"schema", "migrate", "--parquet-only", "--lake", lake, "--schemas", now}, args...)...)
		return code, out + problems
	}
	for name, lines := range map[string][]string{"1.ndjson": {`{"resourceType":"Basic","id":"1","n":"7"}`, `{"resourceType":"Basic","id":"2","n":8}`}} {
		if code, out := load(lake, before, "forever", name, lines...); code != exitDone {
			t.Fatal(code, out)
		}
	}
	if code, out := load(lake, before, "forever", "2.ndjson", `{"resourceType":"Basic","id":"1","meta":{"lastUpdated":"2031-01-01T00:00:00Z"},"n":9}`); code != exitDone {
		t.Fatal(code, out)
	}
	if code, out := load(lake, now, "none", "3.ndjson", `{"resourceType":"Basic","id":"3"}`); code != exitFailed || !strings.Contains(out, "claimlake schema migrate --rebuild") {
		t.Errorf("another type: exit %d, %s", code, out)
	}
	for name, want := range map[string]struct {
		into, says string
		code       int
	}{
		"nowhere": {"", "name the folder", exitUsage}, "itself": {lake, "is the lake itself", exitUsage},
		"a new folder": {other, "has all 2 runs of", exitDone}, "again": {other, "has all 2 runs of", exitDone},
	} {
		if code, out := migrate("--rebuild", want.into); code != want.code || !strings.Contains(out, want.says) {
			t.Errorf("into %s: exit %d, %s", name, code, out)
		}
	}
	if _, out, problems := command(t, "runs", "--lake", other); strings.Count(out, "flatten") != 2 {
		t.Errorf("runs of the new lake: %s%s", out, problems)
	}
	if _, out, problems := command(t, "trace", "basic", "1", "--raw", "--lake", other); !strings.Contains(out, `"n":9`) {
		t.Errorf("trace in the new lake: %s%s", out, problems)
	}
	if code, out := load(other, now, "none", "3.ndjson", `{"resourceType":"Basic","id":"3","n":1}`); code != exitDone {
		t.Errorf("into the new lake: exit %d, %s", code, out)
	}
	if code, out := load(lake, before, "none", "4.ndjson", `{"resourceType":"Basic","id":"4"}`); code != exitDone {
		t.Errorf("into the old lake: exit %d, %s", code, out)
	}
	if code, out := migrate("--rebuild", filepath.Join(dir, "third")); code != exitFailed || !strings.Contains(out, "not all runs are in the archive") {
		t.Errorf("a run that is not in the archive: exit %d, %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "third")); err == nil {
		t.Error("a lake was begun that cannot be whole")
	}
}

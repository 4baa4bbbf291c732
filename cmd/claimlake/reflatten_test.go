package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What was archived can be traced to its line, and loaded again.
func TestReflattenAndTrace(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	const table = "resource: Basic\ntables: [{name: basic, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}]}]\n"
	put(t, filepath.Join(dir, "old", "basic.yaml"), table)
	put(t, filepath.Join(dir, "new", "basic.yaml"), strings.Replace(table, "columns: [", "columns: [{name: at, path: at, type: date, description: d}, ", 1))
	const line = `{"resourceType":"Basic","id":"7","at":"2024-02-03","note":"SECRET"}`
	kept := put(t, filepath.Join(dir, "kept.ndjson"), `{"resourceType":"Basic","id":"6"}`+"\n"+line+"\n")
	other := put(t, filepath.Join(dir, "other.ndjson"), `{"resourceType":"Basic","id":"8"}`+"\n")
	for _, args := range [][]string{{kept, "--archive", "90d"}, {other, "--archive", "none"}} {
		if code, out, problems := command(t, append([]string{"flatten", "--parquet-only", "--lake", lake, "--schemas", filepath.Join(dir, "old")}, args...)...); code != exitDone {
			t.Fatalf("exit %d: %s%s", code, out, problems)
		}
	}
	for _, tc := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"a trace", []string{"trace", "basic", "7"}, exitDone, []string{"│ 1 (flatten) │", "kept.ndjson", "│    2 │"}},
		{"the resource", []string{"trace", "basic", "7", "--raw"}, exitDone, []string{line + "\n", "personal health data"}},
		{"the resource of a run without archive", []string{"trace", "basic", "8", "--raw"}, exitFailed, []string{"no longer in the archive"}},
		{"a key that is not there", []string{"trace", "basic", "9"}, exitFailed, []string{"no row of basic has this key"}},
		{"a key too long", []string{"trace", "basic", "7", "1"}, exitFailed, []string{"the key of basic is id"}},
		{"a table that is not there", []string{"trace", "claim", "7"}, exitUsage, []string{"no such table"}},
		{"what the archive has", []string{"reflatten", "--dry-run"}, exitDone, []string{"run 1 (flatten of local): in the archive", "run 2 (flatten of local): not in the archive"}},
		{"a run that it has not", []string{"reflatten", "2", "--parquet-only"}, exitFailed, []string{"not all of the run is in the archive: of file 0001 it has 0 of 1 pages"}},
		{"with new mappings", []string{"reflatten", "--parquet-only", "--schemas", filepath.Join(dir, "new")}, exitDone, []string{"2 loaded, 0 unchanged"}},
		{"again", []string{"reflatten", "--parquet-only", "--schemas", filepath.Join(dir, "new")}, exitDone, []string{"0 loaded, 2 unchanged"}},
		{"a trace to the same line", []string{"trace", "basic", "7", "--raw"}, exitDone, []string{line + "\n"}},
		{"a run that loads nothing of its own", []string{"reflatten", "3", "--parquet-only"}, exitFailed, []string{"run 3 is a reflatten that is promoted"}},
		{"an odd time to keep", []string{"flatten", kept, "--archive", "soon"}, exitUsage, []string{"want none, forever, or days such as 90d"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, problems := command(t, append(tc.args, "--lake", lake)...)
			if code != tc.code {
				t.Errorf("exit %d, want %d: %s%s", code, tc.code, out, problems)
			}
			for _, want := range tc.want {
				if !strings.Contains(out+problems, want) {
					t.Errorf("no %q in %s%s", want, out, problems)
				}
			}
			if strings.Contains(problems, "SECRET") {
				t.Errorf("content in %s", problems)
			}
		})
	}
}

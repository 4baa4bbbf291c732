package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestQuarantine(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	const table = "\ntables: [{name: basic, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}, {name: at, path: at, type: date, description: d}]}]\n"
	put(t, filepath.Join(dir, "strict", "basic.yaml"), "resource: Basic\nextras: keep"+table)
	put(t, filepath.Join(dir, "lax", "basic.yaml"), "resource: Basic"+table)
	const bad = "{\"resourceType\":\"Basic\",\"id\":\"2\",\"note\":\"SECRET\x01\"}"
	in := put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Basic","id":"1","at":"soon"}`+"\n"+bad+"\n"+`{"resourceType":"Basic","note":"SECRET"}`+"\n")
	if code, _, problems := command(t, "flatten", in, "--parquet-only", "--lake", lake, "--schemas", filepath.Join(dir, "strict")); code != exitRejected {
		t.Fatalf("exit %d: %s", code, problems)
	}
	for _, tc := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"the lines", []string{"list"}, exitDone, []string{"│   1 │ 0001 │    2 │", "a control character in a string", "│ no id", "2 lines in quarantine"}},
		{"values", []string{"list", "--values"}, exitDone, []string{"│ basic │ at     │ not a date", "│ 0001 │    1 │"}},
		{"a line", []string{"show", "1", "0001", "2"}, exitDone, []string{bad + "\n", "personal health data"}},
		{"a line that is good", []string{"show", "1", "0001", "1"}, exitFailed, []string{"line 1 of file 0001 is not in quarantine of run 1"}},
		{"a word for a line", []string{"show", "1", "0001", "two"}, exitUsage, []string{"is no number"}},
		{"a run that is not there", []string{"replay", "z", "--dry-run"}, exitFailed, []string{"no such run"}},
		{"a trial", []string{"replay", "1", "--dry-run", "--schemas", filepath.Join(dir, "lax")}, exitDone, []string{"1 of 2 lines could be used", "1 could not: no id"}},
		{"a replay", []string{"replay", "1", "--parquet-only", "--schemas", filepath.Join(dir, "lax")}, exitRejected, []string{"1 loaded, 0 unchanged, 0 of types without a mapping, 1 rejected"}},
		{"what is left", []string{"list"}, exitDone, []string{"no id", "1 lines in quarantine"}},
		{"a line that was replayed", []string{"show", "1", "0001", "2"}, exitFailed, []string{"not in quarantine"}},
		{"another replay", []string{"replay", "1", "--parquet-only", "--schemas", filepath.Join(dir, "lax")}, exitRejected, []string{"0 loaded, 0 unchanged, 0 of types without a mapping, 1 rejected"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, problems := command(t, append(append([]string{"quarantine"}, tc.args...), "--lake", lake)...)
			if code != tc.code {
				t.Errorf("exit %d, want %d: %s%s", code, tc.code, out, problems)
			}
			for _, want := range tc.want {
				if !strings.Contains(out+problems, want) {
					t.Errorf("no %q in %s%s", want, out, problems)
				}
			}
			if tc.args[0] != "show" && strings.Contains(out+problems, "SECRET") || strings.Contains(problems, "SECRET") {
				t.Errorf("content in %s%s", out, problems)
			}
		})
	}
	code, out, problems := command(t, "runs", "1", "--lake", lake)
	if code != exitDone || !strings.Contains(out, "at most 20 of each column and reason") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
}

func TestQuarantineNeedsALake(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"show", "1", "0001", "1"}, {"replay", "1"}} {
		dir := t.TempDir()
		if code, _, problems := command(t, append(append([]string{"quarantine"}, args...), "--lake", dir)...); code != exitFailed || !strings.Contains(problems, "no lake in") {
			t.Errorf("%v: exit %d, %s", args, code, problems)
		}
	}
}

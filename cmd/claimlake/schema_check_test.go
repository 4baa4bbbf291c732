package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestSchemaCheckNamesEveryMistake(t *testing.T) {
	dir := t.TempDir()
	mistakes := put(t, filepath.Join(dir, "mistakes.yaml"), `resource: Basic
tables:
  - name: basic
    description: d
    key: [id, size]
    columns:
      - {name: id, path: id, type: id, description: d}
      - {name: a, path: a, type: word, description: d}
      - {name: b, path: 'b.#(c==', type: code, description: d}
      - {name: id, path: id, type: id, description: d}
      - {name: c, path: c, type: code}
`)
	code, _, problems := command(t, "schema", "check", mistakes)
	for _, want := range []string{
		`mistakes.yaml:5:10: key column "size" is not among the columns`,
		`mistakes.yaml:8:16: column "a": unknown type "word"`,
		`mistakes.yaml:9:16: column "b": path "b.#(c==": brackets or quotes do not match`,
		`mistakes.yaml:10:16: column "id" is there twice`,
		`mistakes.yaml:11:16: column "c": needs a description`,
	} {
		if code != exitUsage || !strings.Contains(problems, want) {
			t.Errorf("exit %d, no %s in %s", code, want, problems)
		}
	}
}

func TestSchemaCheck(t *testing.T) {
	dir := t.TempDir()
	mapping, lines := filepath.Join("testdata", "mapping", "basic.yaml"), filepath.Join("testdata", "mapping", "basic.ndjson")
	theirs := put(t, filepath.Join(dir, "theirs.yaml"), "resource: Basic\ntables: [{name: patient, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}]}]\n")
	other := put(t, filepath.Join(dir, "other.ndjson"), `{"resourceType":"Patient","id":"3"}`+"\n")
	for name, tc := range map[string]struct {
		args []string
		code int
		want string
	}{
		"a good mapping":          {[]string{"check", mapping}, exitDone, "basic.yaml is valid: Basic, 2 tables, 9 columns"},
		"keys that are there":     {[]string{"check", mapping, "--input", lines}, exitFailed, "table basic_part: 1 rows have the key of another one (first on line 2)"},
		"values that do not fit":  {[]string{"check", mapping, "--input", lines}, exitFailed, "1 values of basic.made do not fit: not a date"},
		"a table of another type": {[]string{"check", theirs}, exitUsage, "both have a table patient"},
		"no line of the type":     {[]string{"check", mapping, "--input", other}, exitFailed, "the input has no Basic"},
		"no mapping":              {[]string{"check", filepath.Join(dir, "none.yaml")}, exitUsage, "no such file"},
		"no input to test on":     {[]string{"test", mapping}, exitFailed, `"input" not set`},
		"no rows to show":         {[]string{"test", mapping, "--input", lines, "--limit", "0"}, exitUsage, "want 1 or more"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, problems := command(t, append([]string{"schema"}, tc.args...)...)
			if code != tc.code || !strings.Contains(out+problems, tc.want) {
				t.Errorf("exit %d, want %d: %s%s; want %q", code, tc.code, out, problems, tc.want)
			}
		})
	}
}

func TestSchemaTestShowsRows(t *testing.T) {
	args := []string{"schema", "test", filepath.Join("testdata", "mapping", "basic.yaml"), "--input", filepath.Join("testdata", "mapping", "basic.ndjson"), "--limit", "3"}
	code, out, problems := command(t, args...)
	if code != exitDone || !strings.Contains(problems, "1 lines could not be used: no id") {
		t.Fatalf("exit %d: %s", code, problems)
	}
	golden(t, "mapping/basic.txt", out)
	_, out, _ = command(t, append(args, "--json")...)
	golden(t, "mapping/basic.json", out)
}

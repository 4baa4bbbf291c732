package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var basic = []string{"coverage", filepath.Join("testdata", "coverage", "basic.ndjson"), "--schemas", filepath.Join("testdata", "coverage", "mappings")}

// golden compares what a command prints with a file of testdata; with the
// environment variable CLAIMLAKE_UPDATE it writes the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if os.Getenv("CLAIMLAKE_UPDATE") != "" {
		put(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

func TestCoverage(t *testing.T) {
	code, out, problems := command(t, basic...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, problems)
	}
	golden(t, "coverage/basic.txt", out)
	_, out, _ = command(t, append(basic, "--json")...)
	golden(t, "coverage/basic.json", out)
	if !json.Valid([]byte(out)) {
		t.Error("not JSON")
	}
}

func TestCoverageLimits(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		code int
		want string
	}{
		"a share that is lower":   {[]string{"--min", "65"}, exitFailed, "Basic: 61.5 % of its values reach a column, less than 65 %"},
		"a type without mapping":  {[]string{"--min", "1"}, exitFailed, "Parameters: 0.0 %"},
		"shares that are enough":  {[]string{"--min", "50", "--sample", "2"}, exitDone, "in 2 resources"},
		"the first line of each":  {[]string{"--sample", "1"}, exitDone, "in 1 resources"},
		"a file that is missing":  {[]string{"nowhere.ndjson"}, exitFailed, "nowhere.ndjson: no such file"},
		"a percentage with words": {[]string{"--min", "most"}, exitUsage, "--min"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, problems := command(t, append(basic, tc.args...)...)
			if code != tc.code || !strings.Contains(out+problems, tc.want) {
				t.Errorf("exit %d, want %d: %s%s; want %q", code, tc.code, out, problems, tc.want)
			}
		})
	}
}

func TestRunsTellsOfANewExtension(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	code, out, problems := command(t, append([]string{"flatten", "--parquet-only", "--lake", lake}, basic[1:]...)...)
	if code != exitRejected || !strings.Contains(out, "61.5 % of the values of Basic reach a column (in a sample)") {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	code, out, problems = command(t, "runs", "1", "--lake", lake)
	if want := "│ extension.#.valueCode │         1 │      1 │       0 │"; code != exitDone || !strings.Contains(out, want) || strings.Contains(out, "text.div") {
		t.Errorf("exit %d: %s%s; want %s", code, out, problems, want)
	}
}

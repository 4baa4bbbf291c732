package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/ledger"
)

// The exit codes are those of the README.
func TestExitCodesOfWrongUsage(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	in := put(t, filepath.Join(dir, "in.ndjson"), goodClaim)
	if err := os.MkdirAll(lake, 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := ledger.Acquire(lake)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Release() }()
	for line, want := range map[string]struct {
		code int
		text string
	}{
		"flaten":                   {exitUsage, `unknown command "flaten" for "claimlake": did you mean flatten?`},
		"audit verfy":              {exitUsage, `unknown command "verfy" for "claimlake audit": did you mean verify?`},
		"config zzzzzz":            {exitUsage, `unknown command "zzzzzz" for "claimlake config"`},
		"runs --nope":              {exitUsage, "unknown flag: --nope"},
		"audit --nope":             {exitUsage, "unknown flag: --nope"},
		"runs 1 2":                 {exitUsage, "accepts at most 1 arg"},
		"flatten --workers many x": {exitUsage, "invalid argument"},
		"config":                   {exitDone, "Available Commands"},
		"":                         {exitDone, "claimlake"},
		"flatten --parquet-only " + in + " --lake " + lake: {exitFailed, "the lake is in use: process"},
	} {
		if code, out, problems := command(t, strings.Fields(line)...); code != want.code || !strings.Contains(out+problems, want.text) {
			t.Errorf("%s: exit %d: %s%s; want %d, %s", line, code, out, problems, want.code, want.text)
		}
	}
}

// A run whose process was killed is interrupted.
func TestRunsOfKilledProcesses(t *testing.T) {
	lake := t.TempDir()
	l, err := ledger.Open(t.Context(), lake)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Begin(t.Context(), ledger.Run{Source: "s", Kind: "sync"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	shows := func(want, other string) {
		t.Helper()
		for _, args := range [][]string{{"runs", "--lake", lake}, {"runs", "1", "--lake", lake}} {
			if code, out, problems := command(t, args...); code != exitDone || !strings.Contains(out, want) || strings.Contains(out, other) {
				t.Errorf("%v: exit %d: %s%s", args, code, out, problems)
			}
		}
	}
	shows("interrupted", "running")
	lock, err := ledger.Acquire(lake)
	if err != nil {
		t.Fatal(err)
	}
	shows("running", "interrupted")
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	shows("interrupted", "running")
}

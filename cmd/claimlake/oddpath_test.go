package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The path of a lake is a path, whatever characters it has: it is no pattern, URL or
// option.
func TestLakeUnderAnOddPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "la[k]e {a,b} 100% of #1 & 'x'")
	lake := filepath.Join(dir, "[lake]")
	in := put(t, filepath.Join(dir, "Claim.ndjson"), goodClaim+"{bad\n")
	keys := filepath.Join(dir, "seal.json")
	settings := put(t, filepath.Join(dir, "c.yaml"), "source: {name: local, url: 'https://fhir.example.org'}\nwarehouse: {mode: none}\nlake: {dir: \""+lake+"\"}\nseal: {key_file: \""+keys+"\"}\n")
	for _, step := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"seal", "keygen", "--out", keys}, exitDone, ""},
		{[]string{"flatten", in, "--config", settings}, exitRejected, "1 loaded"},
		{[]string{"runs", "--lake", lake}, exitDone, "promoted"},
		{[]string{"audit", "verify", "--lake", lake}, exitDone, "are as they were recorded"},
		{[]string{"trace", "claim", "c1", "--config", settings}, exitDone, "Claim.ndjson"},
		{[]string{"lake", "verify", "--lake", lake}, exitDone, "0 files differ"},
		{[]string{"schema", "views", "--duckdb", lake}, exitDone, "[lake]/current/claim/"},
		{[]string{"seal", "rotate", keys}, exitDone, ""},
		{[]string{"seal", "rewrap", "--forget", "--config", settings}, exitDone, ""},
		{[]string{"quarantine", "show", "1", "0001", "2", "--config", settings}, exitDone, "{bad"},
	} {
		if code, out, problems := command(t, step.args...); code != step.want || !strings.Contains(out+problems, step.says) {
			t.Fatalf("%v: exit code %d, want %d and %q:\n%s%s", step.args, code, step.want, step.says, out, problems)
		}
	}
	path := filepath.Join(lake, "ledger.db")
	if err := errors.Join(os.Remove(path), os.RemoveAll(path+"-wal"), os.RemoveAll(path+"-shm")); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, "ledger", "rebuild", "--lake", lake); code != exitDone {
		t.Errorf("rebuild: exit code %d:\n%s%s", code, out, problems)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A lake that is whole verifies; every kind of damage is found, in the file that has it.
func TestLakeVerify(t *testing.T) {
	dir := t.TempDir()
	first := put(t, filepath.Join(dir, "first.ndjson"), goodClaim+strings.Replace(goodClaim, "c1", "c2", 1))
	second := put(t, filepath.Join(dir, "second.ndjson"), strings.Replace(goodClaim, "1.10", "2.20", 1)) // c1 again, so that a part is copied
	fresh := func(t *testing.T) string {
		t.Helper()
		lake := filepath.Join(t.TempDir(), "lake")
		for _, in := range []string{first, second} {
			if code, out, problems := command(t, "flatten", in, "--parquet-only", "--lake", lake); code != exitDone {
				t.Fatalf("exit %d: %s%s", code, out, problems)
			}
		}
		return lake
	}
	one := func(t *testing.T, lake, pattern string) string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(lake, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		return files[0]
	}
	copied := func(t *testing.T, lake string) string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(lake, "current", "claim", "*.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			parts, err := filepath.Glob(filepath.Join(lake, "runs", "*", "claim", filepath.Base(f)))
			if err != nil {
				t.Fatal(err)
			}
			if len(parts) == 0 || !same(t, parts[0], f) {
				return f
			}
		}
		t.Fatal("no part was copied")
		return ""
	}
	flip := func(t *testing.T, file string) {
		t.Helper()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data[20] ^= 1
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		harm func(t *testing.T, lake string)
		want string
	}{
		"whole":            {func(*testing.T, string) {}, ": 0 files differ"},
		"a byte of a part": {func(t *testing.T, lake string) { flip(t, one(t, lake, "runs/*/claim/*.parquet")) }, "has other bytes than were written"},
		"a byte of a copy": {func(t *testing.T, lake string) { flip(t, copied(t, lake)) }, "has other bytes than were written"},
		"a copy is gone": {func(t *testing.T, lake string) {
			if err := os.Remove(copied(t, lake)); err != nil {
				t.Fatal(err)
			}
		}, "is missing"},
		"a part is gone": {func(t *testing.T, lake string) {
			if err := os.Remove(one(t, lake, "runs/*/claim_item/*.parquet")); err != nil {
				t.Fatal(err)
			}
		}, "is missing"},
		"a part in another's place": {func(t *testing.T, lake string) {
			if err := os.Rename(one(t, lake, "runs/*/claim/*.parquet"), one(t, lake, "runs/*/claim_item/*.parquet")); err != nil {
				t.Fatal(err)
			}
		}, "has other bytes than were written"},
	} {
		t.Run(name, func(t *testing.T) {
			lake := fresh(t)
			tc.harm(t, lake)
			code, out, problems := command(t, "lake", "verify", "--lake", lake)
			if wantCode := map[bool]int{true: exitDone, false: exitFailed}[name == "whole"]; code != wantCode || !strings.Contains(out, tc.want) {
				t.Errorf("exit %d: %s%s, want %q", code, out, problems, tc.want)
			}
		})
	}
}

// same reports whether two paths lead to one file.
func same(t *testing.T, one, other string) bool {
	t.Helper()
	a, err := os.Stat(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.Stat(other)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(a, b)
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A trail that is gone, shorter or another one is told by audit verify and by any run,
// until it is put back or restarted, which is recorded.
func TestLostTrailIsTold(t *testing.T) {
	for name, lose := range map[string]func(trail, older, other string) error{
		"removed":      func(trail, _, _ string) error { return os.RemoveAll(trail) },
		"emptied":      func(trail, _, _ string) error { return errors.Join(os.RemoveAll(trail), os.Mkdir(trail, 0o700)) },
		"an older one": func(trail, older, _ string) error { return errors.Join(os.RemoveAll(trail), os.Rename(older, trail)) },
		"another one":  func(trail, _, other string) error { return errors.Join(os.RemoveAll(trail), os.Rename(other, trail)) },
		"all but the keys": func(trail, _, _ string) error {
			return errors.Join(os.Remove(filepath.Join(trail, "audit-000001.jsonl")), os.Remove(filepath.Join(trail, "head.json")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lake, in := filepath.Join(dir, "lake"), put(t, filepath.Join(dir, "in.ndjson"), goodClaim)
			trail, older, another := filepath.Join(lake, "audit"), filepath.Join(dir, "older"), filepath.Join(dir, "another")
			load := func(lake string) (int, string) {
				code, _, problems := command(t, "flatten", "--parquet-only", "--lake", lake, in)
				return code, problems
			}
			for n, l := range []string{lake, lake, another} {
				if code, problems := load(l); code != exitDone {
					t.Fatal(problems)
				}
				if n == 0 {
					if err := errors.Join(os.CopyFS(older, os.DirFS(trail)), os.Chmod(older, 0o700), os.Chmod(filepath.Join(older, "signing.key"), 0o600)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := lose(trail, older, filepath.Join(another, "audit")); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a refusal leaves no new trail
				if code, out, problems := command(t, "audit", "verify", "--lake", lake); code != exitFailed || !strings.Contains(problems, "claimlake audit restart") {
					t.Errorf("verify: exit %d: %s%s", code, out, problems)
				}
				if code, problems := load(lake); code != exitFailed || !strings.Contains(problems, "claimlake audit restart") {
					t.Errorf("flatten: exit %d: %s", code, problems)
				}
			}
			if code, _, problems := command(t, "audit", "restart", "--lake", lake, "--reason", "by mistake"); code != exitDone {
				t.Fatalf("restart: exit %d: %s", code, problems)
			}
			if code, problems := load(lake); code != exitDone {
				t.Errorf("flatten: exit %d: %s", code, problems)
			}
			if code, _, problems := command(t, "audit", "verify", "--lake", lake); code != exitDone {
				t.Errorf("verify: exit %d: %s", code, problems)
			}
			if _, out, _ := command(t, "audit", "export", "--lake", lake); !strings.Contains(out, "audit.restart") || !strings.Contains(out, "by mistake") {
				t.Errorf("the restart is not recorded: %s", out)
			}
			if code, _, _ := command(t, "audit", "restart", "--lake", lake, "--reason", "again"); code != exitFailed {
				t.Errorf("a good trail was restarted: exit %d", code)
			}
		})
	}
}

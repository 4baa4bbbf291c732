package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a server does, and however much is logged, no value of a patient and no
// secret is seen where it has no business.
func TestNothingLeaks(t *testing.T) {
	for _, m := range misfortunes() {
		t.Run(m.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "watched")
			if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
			c := redactionCheck{dir: dir}
			leaks, err := c.run(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			for _, leak := range leaks {
				t.Error(leak)
			}
			if m.faults == nil && (!strings.Contains(c.out.String(), "rejected") || len(holds(t, filepath.Join(dir, "lake", "quarantine"), mark)) == 0) {
				t.Errorf("nothing was loaded: %s", c.out.String())
			}
		})
	}
}

// What the check looks for is found where it is.
func TestMarksAreFound(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "lake", "runs", "1", "part.parquet"), mark)
	put(t, filepath.Join(dir, "lake", "audit", "clean"), "nothing")
	leak := put(t, filepath.Join(dir, "lake", "audit", "leak"), "x"+mark+"001")
	if found, err := marked(dir); err != nil || len(found) != 1 || found[0] != leak {
		t.Errorf("%q, %v", found, err)
	}
	patients, claims := markedResources()
	if n := strings.Count(patients+claims, mark); n < 100 {
		t.Errorf("%d marks", n)
	}
}

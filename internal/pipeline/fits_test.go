package pipeline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/ledger"
)

// tree lists the files of a lake that its runs made, with their sizes.
func tree(t *testing.T, lake string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(lake, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(lake, path)
		if err == nil && !d.IsDir() && name != ".lock" && !strings.Contains(name, ledger.FileName) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A ledger that was put back from a backup, or is another lake's or a new one, is refused
// before anything of the newer runs is removed, and can be made again.
func TestOtherLedgerIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		after int // runs that the ledger knows, of three; -1: it is another lake's, 0: it is new
		empty bool
	}{
		"of two runs before":             {after: 1},
		"of the run before":              {after: 2},
		"of before a run without rows":   {after: 2, empty: true},
		"a new one":                      {after: 0},
		"of another lake with more runs": {after: -1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lake, kept := filepath.Join(dir, "lake"), filepath.Join(dir, "kept.db")
			load := func(lake string, n int) error {
				lines := []string{claimLine("1", "2024-01-01T00:00:00Z", "1"), claimLine("2", "2024-01-02T00:00:00Z", "2"), claimLine("3", "2024-01-03T00:00:00Z", "3")}
				if n == 2 && tc.empty {
					n = 1 // all of it is there
				}
				o := options(t, lake, nil)
				o.Archive = true
				_, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"), lines[n%3]))
				return err
			}
			keep := func(from string) {
				text, err := os.ReadFile(filepath.Join(from, ledger.FileName))
				if err := errors.Join(err, os.WriteFile(kept, text, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			if tc.after == -1 {
				other := filepath.Join(dir, "other")
				for n := range 4 {
					if err := load(other, n); err != nil {
						t.Fatal(err)
					}
				}
				keep(other)
			}
			for n := range 3 {
				if err := load(lake, n); err != nil {
					t.Fatal(err)
				}
				if n+1 == tc.after {
					keep(lake)
				}
			}
			rows := items(t, lake)
			loseLedger(t, lake)
			if tc.after != 0 {
				if err := os.Rename(kept, filepath.Join(lake, ledger.FileName)); err != nil {
					t.Fatal(err)
				}
			} else if l, err := ledger.Open(t.Context(), lake); err != nil || l.Close() != nil {
				t.Fatal(err)
			}
			before := tree(t, lake)
			for what, err := range map[string]error{
				"a load":   load(lake, 0),
				"a cancel": Cancel(t.Context(), options(t, lake, nil), "1", nil),
				"a rewrap": func() error { _, err := Rewrap(t.Context(), lake, nil, nil); return err }(),
			} {
				if !errors.Is(err, ErrOtherLedger) || !strings.Contains(err.Error(), "claimlake ledger rebuild") {
					t.Errorf("%s: %v", what, err)
				}
			}
			if after := tree(t, lake); !slices.Equal(before, after) {
				t.Errorf("files %v, before %v", after, before)
			}
			if n, err := RebuildLedger(t.Context(), lake); n != 3 || err != nil {
				t.Fatalf("rebuild: %d runs, %v", n, err)
			}
			if err := load(lake, 0); err != nil {
				t.Errorf("after the rebuild: %v", err)
			}
			if got := items(t, lake); !slices.Equal(got, rows) {
				t.Errorf("rows %v, want %v", got, rows)
			}
		})
	}
}

package parquet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestOpen(t *testing.T) {
	put := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)) }
	}
	for name, tc := range map[string]struct {
		prepare func(*testing.T, string)
		refused bool
	}{
		"an empty folder":                {func(*testing.T, string) {}, false},
		"a folder with only a ledger":    {put("ledger.db", ""), false},
		"a lake that is there":           {func(t *testing.T, dir string) { _, err := Open(dir); must(t, err) }, false},
		"a lake that was half made":      {put("lake.json.tmp", "{"), false},
		"somebody's documents":           {put("taxes.pdf", ""), true},
		"a lake of another layout":       {put("lake.json", `{"claimlake_layout":2}`), true},
		"a file that only has the name":  {put("lake.json", "hello"), true},
		"a warehouse, not a lake":        {func(t *testing.T, dir string) { must(t, os.Mkdir(filepath.Join(dir, "store"), 0o700)) }, true},
		"runs without the marker's file": {func(t *testing.T, dir string) { must(t, os.Mkdir(filepath.Join(dir, "runs"), 0o700)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tc.prepare(t, dir)
			_, err := Open(dir)
			if refused := errors.Is(err, ErrNotLake); refused != tc.refused || err != nil && !refused {
				t.Errorf("refused %v, want %v: %v", refused, tc.refused, err)
			}
		})
	}
}

// Claims are health data: nobody but the owner may read any of it.
func TestOnlyTheOwnerReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	l, err := Open(dir)
	must(t, err)
	for number, c := range []claim{{source: "payer-a", id: "1", items: []int32{1}}, {source: "payer-a", id: "1", version: 1, deleted: true}} {
		run, err := l.Begin([]string{"run-1", "run-2"}[number], uint32(number+1), testClaims)
		must(t, err)
		_, err = run.Promote(t.Context(), write(t, run, []claim{c}, never))
		must(t, err)
	}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := d.Info()
		must(t, err)
		if info.Mode()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", path, info.Mode())
		}
		return nil
	}))
}

func TestNamesThatCannotBeFolders(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	for _, id := range []string{"", ".", "..", "a/b", "../run", "_deleted", "a\x00b", "run.tmp"} {
		if _, err := l.Begin(id, 1, testClaims); err == nil {
			t.Errorf("run %q was begun", id)
		}
	}
}

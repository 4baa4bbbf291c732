package parquet

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files lists what is in the lake, parts by their table only.
func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if base := filepath.Base(name); strings.HasPrefix(base, "part-") {
				name = filepath.Dir(name) + "/part"
			}
			out = append(out, name)
		}
		return err
	}))
	return out
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	known := map[string]bool{}
	for number := uint32(1); number <= 5; number++ {
		run, err := l.Begin(fmt.Sprint("run-", number), number, testClaims)
		must(t, err)
		parts := write(t, run, []claim{{source: "payer-a", id: "1", version: int(number)}}, never)
		known[parts[0].Path] = number == 1 || number == 5
		_, err = run.Promote(t.Context(), parts)
		must(t, err)
	}
	// What dead processes leave.
	for _, name := range []string{"runs/run-5/claim/part-x.parquet.tmp", "runs/run-9/claim/part-y.parquet", "snapshots/6/claim/part-z.parquet", "snapshots/7.tmp/_promoted.json"} {
		must(t, os.MkdirAll(filepath.Dir(l.abs(name)), 0o700))
		must(t, os.WriteFile(l.abs(name), nil, 0o600))
	}
	must(t, os.Symlink("snapshots/6", l.abs("current.tmp")))
	for range 2 { // the second time there is nothing to do
		must(t, l.Sweep(func(path string) bool { return known[path] }))
		want := []string{
			"current", "lake.json", "runs/run-1/claim/part", "runs/run-5/claim/part",
			"snapshots/3/_promoted.json", "snapshots/3/claim/part", "snapshots/4/_promoted.json", "snapshots/4/claim/part",
			"snapshots/5/_promoted.json", "snapshots/5/claim/part",
		}
		got := slices.DeleteFunc(files(t, dir), func(name string) bool { return strings.Contains(name, "/"+emptyMark) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	if diff := cmp.Diff(map[string][]string{"claim": {"payer-a|1|"}}, read(t, dir)); diff != "" {
		t.Fatal(diff)
	}
}

// A reader of current/<table>/*.parquet finds a file in each table, one without rows
// where the lake has none; once there are rows it is gone.
func TestEachTableHasAFile(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	for number := uint32(1); number <= 2; number++ {
		run, err := l.Begin(fmt.Sprint("run-", number), number, testClaims)
		must(t, err)
		var parts []Part
		if number == 2 {
			parts = write(t, run, []claim{{source: "payer-a", id: "1", version: 1}}, never)
		}
		_, err = run.Promote(t.Context(), parts)
		must(t, err)
		for _, s := range testClaims {
			name := s.Metadata().Values()[s.Metadata().FindKey("claimlake.table")]
			all, err := filepath.Glob(filepath.Join(dir, "current", name, "*.parquet"))
			must(t, err)
			if len(all) != 1 {
				t.Errorf("run %d: %s has the files %v, want one", number, name, all)
			}
			if empty := strings.HasPrefix(filepath.Base(all[0]), emptyMark); empty != (number == 1 || name != "claim") {
				t.Errorf("run %d: %s has %v", number, name, all)
			}
		}
	}
	if current, err := l.Current(); err != nil || len(current) != 1 {
		t.Errorf("tables with rows: %v, %v", current, err)
	}
}

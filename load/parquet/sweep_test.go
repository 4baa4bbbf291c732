package parquet

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
		if diff := cmp.Diff(want, files(t, dir)); diff != "" {
			t.Fatal(diff)
		}
	}
	if diff := cmp.Diff(map[string][]string{"claim": {"payer-a|1|"}}, read(t, dir)); diff != "" {
		t.Fatal(diff)
	}
}

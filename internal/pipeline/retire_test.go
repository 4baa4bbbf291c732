package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What every row of was replaced goes when it is old, and nothing that is read.
func TestOldPartsThatNobodyReadsGo(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	o := options(t, lake, nil)
	o.Workers = 1
	load := func(lines ...string) {
		t.Helper()
		if _, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"), lines...)); err != nil {
			t.Fatal(err)
		}
	}
	parts := func() int {
		files, err := filepath.Glob(filepath.Join(lake, "runs", "*", "*", "*.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	load(claimLine("1", "2024-01-01T00:00:00Z", "1"), claimLine("2", "2024-01-01T00:00:00Z", "1"))
	for day := 2; day <= 5; day++ { // more than the snapshots that stay
		load(claimLine("1", "2024-01-0"+string(rune('0'+day))+"T00:00:00Z", "2"))
	}
	want := items(t, lake)
	if n := parts(); n != 10 {
		t.Fatalf("%d parts", n)
	}
	o.KeepParts = time.Hour
	load(claimLine("3", "2024-01-01T00:00:00Z", "3"))
	if n := parts(); n != 12 {
		t.Errorf("%d parts, though none is old", n)
	}
	o.KeepParts = time.Nanosecond
	for range 4 {
		load(claimLine("3", "2024-01-01T00:00:00Z", "3"), "") // brings nothing
	}
	// Of the first run claim 2 is left, in a copy; of the others the last copy of claim 1.
	if n := parts(); n >= 12 || n < 4 {
		t.Errorf("%d parts are left", n)
	}
	if got := items(t, lake); !slices.Equal(got, append(want, "3|1|3.0000")) {
		t.Errorf("rows %v", got)
	}
	if entries, err := os.ReadDir(filepath.Join(lake, "runs")); err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".tmp") }) {
		t.Errorf("%v, %v", entries, err)
	}
	load(claimLine("2", "2024-02-01T00:00:00Z", "4")) // promotes without the parts that went
	if got := items(t, lake); !slices.Contains(got, "2|1|4.0000") || len(got) != 3 {
		t.Errorf("rows %v", got)
	}
}

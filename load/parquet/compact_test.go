package parquet

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A lake that is loaded often has few files, and each row is still known by its run.
func TestSmallFilesArePutTogether(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	l.small.count = 4
	var parts []Part
	want := model{}
	for n := uint32(1); n <= 11; n++ {
		run, err := l.Begin(fmt.Sprint("run-", n), n, testClaims)
		must(t, err)
		brought := []claim{{source: "a", id: fmt.Sprint(n), version: 1, items: []int32{1, 2}}, {source: "a", id: "same", version: int(n), note: fmt.Sprint(n), items: []int32{int32(n)}}}
		more := write(t, run, brought, func() bool { return false })
		_, err = run.Promote(context.Background(), more)
		must(t, err)
		parts = append(parts, more...)
		want.promote(n, brought)
	}
	if diff := cmp.Diff(want.lines(), read(t, dir)); diff != "" {
		t.Error(diff)
	}
	for _, table := range []string{"claim", "claim_item"} {
		files, err := filepath.Glob(filepath.Join(dir, "current", table, "*.parquet"))
		must(t, err)
		if len(files) >= 4 {
			t.Errorf("%d files of %s", len(files), table)
		}
	}
	v, findings, err := l.Verify(context.Background(), parts)
	if err != nil || len(findings) > 0 || v.Copies == 0 {
		t.Errorf("%+v, %v, %v", v, findings, err)
	}
	for n := 1; n <= 11; n++ {
		found, err := l.Trace("claim_item", []string{fmt.Sprint(n), "1"})
		if err != nil || len(found) != 1 || found[0].RunID != fmt.Sprint("run-", n) {
			t.Errorf("claim %d is of %+v, %v", n, found, err)
		}
	}
	var seen []string
	_, err = l.Hashes("claim", func(runID, _, _ string) bool {
		seen = append(seen, runID)
		return true
	})
	slices.Sort(seen)
	if seen = slices.Compact(seen); err != nil || len(seen) != 11 {
		t.Errorf("hashes of runs %v, %v", seen, err)
	}
}

package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"testing"
)

// Whatever byte of a file of the current state is flipped, in a link, a copy or a file
// that was put together of several, that file is found.
func TestEachFlippedByteIsFound(t *testing.T) {
	l, parts := ofAllKinds(t)
	current, err := l.current()
	must(t, err)
	shown, err := l.shown(current)
	must(t, err)
	if len(current.Sums) != len(shown) {
		t.Fatalf("%d sums of %d files", len(current.Sums), len(shown))
	}
	for _, in := range shown {
		whole, err := os.ReadFile(l.abs(in.path))
		must(t, err)
		for at := 0; at < len(whole); at += 97 {
			damaged := slices.Clone(whole)
			damaged[at] ^= 1 << (at % 8)
			must(t, os.WriteFile(l.abs(in.path), damaged, 0o600))
			if _, findings, err := l.Verify(context.Background(), parts); err != nil || len(findings) == 0 || path.Base(findings[0].Path) != path.Base(in.path) {
				t.Errorf("byte %d of %s: %v, %v", at, in.path, findings, err)
			}
		}
		must(t, os.WriteFile(l.abs(in.path), whole, 0o600))
	}
}

// A snapshot of an older claimlake has no sums. It is verified by the checksums of pages,
// and what a promote rewrites after it has sums again.
func TestSnapshotWithoutSums(t *testing.T) {
	l, parts := ofAllKinds(t)
	current, err := l.current()
	must(t, err)
	current.Sums = nil
	text, err := json.Marshal(current)
	must(t, err)
	must(t, os.WriteFile(l.abs(path.Join(current.dir(), promotedName)), text, 0o600))
	if _, findings, err := l.Verify(context.Background(), parts); err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
	run, err := l.Begin("run-9", 9, testClaims)
	must(t, err)
	more := write(t, run, []claim{{source: "payer-a", id: "9", version: 9}}, func() bool { return false })
	_, err = run.Promote(context.Background(), more)
	must(t, err)
	current, err = l.current()
	must(t, err)
	if want := path.Join("claim", path.Base(more[0].Path)); len(current.Sums) != 1 || current.Sums[want] != more[0].SHA256 {
		t.Errorf("sums %v, want that of %s alone", current.Sums, want)
	}
}

// ofAllKinds is a lake whose current state has links to parts, a copy of a part, files
// that were put together of several, and tombstones.
func ofAllKinds(t *testing.T) (*Lake, []Part) {
	t.Helper()
	l, err := Open(t.TempDir())
	must(t, err)
	var parts []Part
	for n, claims := range [][]claim{
		{{source: "payer-a", id: "1", version: 1, items: []int32{1, 2}}, {source: "payer-a", id: "2", version: 1, items: []int32{1}}},
		{{source: "payer-a", id: "3", version: 1, items: []int32{1}}},
		{{source: "payer-a", id: "1", version: 2, deleted: true}},
		{{source: "payer-a", id: "4", version: 1, items: []int32{1}}},
	} {
		l.small.count = 32
		if n == 1 {
			l.small.count = 2
		}
		run, err := l.Begin(fmt.Sprint("run-", n+1), uint32(n+1), testClaims)
		must(t, err)
		written := write(t, run, claims, func() bool { return false })
		_, err = run.Promote(context.Background(), written)
		must(t, err)
		parts = append(parts, written...)
	}
	return l, parts
}

// A file that was altered is not rewritten, which would give it a sum of its own.
func TestPromoteFindsAlteredFiles(t *testing.T) {
	for name, promote := range map[string]func(l *Lake) claim{
		"rows leave it":             func(*Lake) claim { return claim{source: "payer-a", id: "3", version: 9} },
		"it is put with the others": func(l *Lake) claim { l.small.count = 2; return claim{source: "payer-a", id: "9", version: 9} },
	} {
		l, _ := ofAllKinds(t)
		current, err := l.current()
		must(t, err)
		for file, sum := range current.Sums {
			current.Sums[file] = sum[1:] + "0"
		}
		text, err := json.Marshal(current)
		must(t, err)
		must(t, os.WriteFile(l.abs(path.Join(current.dir(), promotedName)), text, 0o600))
		c := promote(l)
		run, err := l.Begin("run-9", 9, testClaims)
		must(t, err)
		if _, err = run.Promote(context.Background(), write(t, run, []claim{c}, func() bool { return false })); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

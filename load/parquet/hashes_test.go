package parquet

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/checksum"
	"github.com/claimlake/claimlake/internal/lineage"
)

func TestHashes(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	all := func(string, string, string) bool { return true }
	if got, err := l.Hashes("claim", all); err != nil || len(got) != 0 {
		t.Fatalf("an empty lake: %v, %v", got, err)
	}
	a := claim{source: "payer-a", id: "1", version: 1, items: []int32{1}}
	b := claim{source: "payer-b", id: "2", version: 1}
	newer := claim{source: "payer-a", id: "1", version: 2}
	gone := claim{source: "payer-a", id: "3", version: 2, deleted: true}
	for number, claims := range [][]claim{{a, b}, {newer, gone}} {
		run, err := l.Begin([]string{"run-1", "run-2"}[number], uint32(number+1), testClaims)
		must(t, err)
		_, err = run.Promote(t.Context(), write(t, run, claims, never))
		must(t, err)
	}
	for name, tc := range map[string]struct {
		table string
		keep  func(runID, source, mapping string) bool
		want  []uint64
	}{
		"what is current, and no tombstone": {"claim", all, []uint64{b.hash(), newer.hash()}},
		"of one source":                     {"claim", func(_, s, _ string) bool { return s == "payer-b" }, []uint64{b.hash()}},
		"of one run":                        {"claim", func(r, _, _ string) bool { return r == "run-2" }, []uint64{newer.hash()}},
		"of another mapping":                {"claim", func(_, _, m string) bool { return m != "claim@1" }, nil},
		"of a table that is not there":      {"patient", all, nil},
	} {
		got, err := l.Hashes(tc.table, tc.keep)
		must(t, err)
		set := map[uint64]bool{}
		for _, h := range tc.want {
			set[h] = true
			if got.Index(h) < 0 {
				t.Errorf("%s: %x is missing", name, h)
			}
		}
		if diff := cmp.Diff(len(set), len(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestChecksumsAreOfWhatIsCurrent(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	if sums, err := l.Checksums(t.Context(), "claim", testClaims[0]); err != nil || sums.Rows != 0 {
		t.Fatalf("an empty lake: %v, %v", sums, err)
	}
	old, other := claim{source: "a", id: "1", version: 1, items: []int32{1}}, claim{source: "b", id: "2", version: 1}
	newer, gone := claim{source: "a", id: "1", version: 2}, claim{source: "a", id: "3", version: 2, deleted: true}
	for number, claims := range [][]claim{{old, other}, {newer, gone}} {
		run, err := l.Begin([]string{"run-1", "run-2"}[number], uint32(number+1), testClaims)
		must(t, err)
		_, err = run.Promote(t.Context(), write(t, run, claims, never))
		must(t, err)
	}
	sums, err := l.Checksums(t.Context(), "claim", testClaims[0])
	want := checksum.Column{Values: 2, Sum: other.hash()*other.hash() + newer.hash()*newer.hash()}
	if err != nil || sums.Rows != 2 || sums.Columns[lineage.Hash] != want {
		t.Errorf("%v, %v; want %v", sums, err, want)
	}
}

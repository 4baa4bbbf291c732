package parquet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// never cuts no part.
func never() bool { return false }

// The copies of one claim, run after run, and what is current in the end.
func TestCopiesOfOneClaim(t *testing.T) {
	first := claim{source: "payer-a", id: "1", version: 1, note: "first", items: []int32{1, 2}}
	newer := claim{source: "payer-a", id: "1", version: 2, note: "newer", items: []int32{1}}
	gone := claim{source: "payer-a", id: "1", version: 3, deleted: true}
	back := claim{source: "payer-a", id: "1", version: 4, note: "back"}
	other := claim{source: "payer-b", id: "1", version: 1, note: "other", items: []int32{9}}
	again := first
	again.note = "again"
	for name, tc := range map[string]struct {
		runs   [][]claim
		claims []string
		items  []string
	}{
		"a newer copy replaces all rows":         {[][]claim{{first}, {newer}}, []string{"payer-a|1|newer"}, []string{"payer-a|1|newer|1"}},
		"an older copy that comes late is not":   {[][]claim{{newer}, {first}}, []string{"payer-a|1|newer"}, []string{"payer-a|1|newer|1"}},
		"the later run wins where versions tie":  {[][]claim{{first}, {again}}, []string{"payer-a|1|again"}, []string{"payer-a|1|again|1", "payer-a|1|again|2"}},
		"the same line twice is one row":         {[][]claim{{first, first}}, []string{"payer-a|1|first"}, []string{"payer-a|1|first|1", "payer-a|1|first|2"}},
		"the same line again changes nothing":    {[][]claim{{first}, {first}}, []string{"payer-a|1|first"}, []string{"payer-a|1|first|1", "payer-a|1|first|2"}},
		"a deleted claim has no rows":            {[][]claim{{first}, {gone}}, nil, nil},
		"what is deleted stays so":               {[][]claim{{first}, {gone}, {newer}, {first}}, nil, nil},
		"a newer copy comes back after a delete": {[][]claim{{gone}, {back}}, []string{"payer-a|1|back"}, nil},
		"two payers may use the same id":         {[][]claim{{first, other}, {gone}}, []string{"payer-b|1|other"}, []string{"payer-b|1|other|9"}},
		"a run with nothing new":                 {[][]claim{{first}, nil}, []string{"payer-a|1|first"}, []string{"payer-a|1|first|1", "payer-a|1|first|2"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l, err := Open(dir)
			must(t, err)
			for i, claims := range tc.runs {
				run, err := l.Begin(fmt.Sprint("run-", i+1), uint32(i+1), testClaims)
				must(t, err)
				_, err = run.Promote(t.Context(), write(t, run, claims, never))
				must(t, err)
			}
			want := map[string][]string{}
			for table, lines := range map[string][]string{"claim": tc.claims, "claim_item": tc.items} {
				if lines != nil {
					want[table] = lines
				}
			}
			if diff := cmp.Diff(want, read(t, dir)); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

// A part all of whose rows still count is the same file in each snapshot.
func TestUnchangedPartsAreLinked(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	var first Part
	for number, id := range []string{"1", "2", "3"} {
		run, err := l.Begin("run-"+id, uint32(number+1), testClaims)
		must(t, err)
		parts := write(t, run, []claim{{source: "payer-a", id: id, note: "x"}}, never)
		if number == 0 {
			first = parts[0]
		}
		_, err = run.Promote(t.Context(), parts)
		must(t, err)
	}
	original, err := os.Stat(l.abs(first.Path))
	must(t, err)
	linked, err := os.Stat(filepath.Join(l.dir, currentName, "claim", filepath.Base(first.Path)))
	must(t, err)
	if !os.SameFile(original, linked) {
		t.Error("the part was copied, not linked")
	}
}

func TestPromotedCountsWhatTheRunBrought(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, testClaims)
	must(t, err)
	got, err := run.Promote(t.Context(), write(t, run, []claim{
		{source: "payer-a", id: "1", items: []int32{1, 2, 3}}, {source: "payer-a", id: "2", deleted: true},
	}, never))
	must(t, err)
	want := Promoted{Rows: map[string]int64{"claim": 1, "claim_item": 3}, Tombstones: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if err := run.Drop(); err == nil {
		t.Error("a promoted run was dropped")
	}
}

func TestRunNumberIsTaken(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, testClaims)
	must(t, err)
	_, err = run.Promote(t.Context(), nil)
	must(t, err)
	for name, begin := range map[string]struct {
		id     string
		number uint32
	}{"another run with the number": {"run-2", 1}, "the run with another number": {"run-1", 2}} {
		if _, err := l.Begin(begin.id, begin.number, testClaims); !errors.Is(err, ErrRunNumber) {
			t.Errorf("%s: %v, want ErrRunNumber", name, err)
		}
	}
}

// A ledger that knows a part twice, or parts of another lake, must not make
// rows come twice or vanish.
func TestLineInTwoParts(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, testClaims)
	must(t, err)
	claims := []claim{{source: "payer-a", id: "1", note: "x"}}
	parts := append(write(t, run, claims, never), write(t, run, claims, never)...)
	if _, err := run.Promote(t.Context(), parts); err == nil {
		t.Fatal("promoted a line that is in two parts")
	}
	if _, err := os.Lstat(l.abs(currentName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("current is there: %v", err)
	}
}

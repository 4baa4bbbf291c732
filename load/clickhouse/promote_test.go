package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Which copy of a claim counts, and with which lines: the cases that an
// append, a merge by key or a guard by time alone gets wrong. Each case is a claim; those
// whose runs are promoted in one order are in the same runs.
func TestWhichCopyCounts(t *testing.T) {
	s := store(t)
	must(t, s.Migrate(context.Background(), testClaims))
	c := func(version int, note string, items ...int32) claim {
		return claim{source: "payer-a", id: "1", version: version, note: note, items: items}
	}
	gone := claim{source: "payer-a", id: "1", version: 2, note: "deleted", deleted: true}
	// Two copies of one time, of which the second has the lower hash and a
	// line more.
	high, low := c(1, "high", 1), c(1, "low", 1, 2)
	high.id, low.id = "tie", "tie" // which their hashes are of
	for i := 0; low.hash()>>32 >= high.hash()>>32; i++ {
		low.note = fmt.Sprint("low", i)
	}
	cases := map[string]struct {
		runs  map[uint32][]claim
		order []uint32 // of promotes
		want  []string // lines of the claim, as position|note
	}{
		"a newer version lacks a line":                {map[uint32][]claim{1: {c(1, "old", 1, 2, 3)}, 2: {c(2, "new", 1, 3)}}, []uint32{1, 2}, []string{"1|new", "3|new"}},
		"a newer version has no lines":                {map[uint32][]claim{1: {c(1, "old", 1, 2)}, 2: {c(2, "new")}}, []uint32{1, 2}, nil},
		"an older copy comes late, with more lines":   {map[uint32][]claim{1: {c(2, "new", 1)}, 2: {c(1, "old", 1, 2)}}, []uint32{1, 2}, []string{"1|new"}},
		"a line goes and comes back":                  {map[uint32][]claim{1: {c(1, "a", 1, 2)}, 2: {c(2, "b", 1)}, 3: {c(3, "c", 1, 2)}}, []uint32{1, 2, 3}, []string{"1|c", "2|c"}},
		"a gone line of an old copy stays gone":       {map[uint32][]claim{1: {c(1, "a", 1, 2)}, 2: {c(3, "b", 1)}, 3: {c(2, "c", 2)}}, []uint32{1, 2, 3}, []string{"1|b"}},
		"the same again":                              {map[uint32][]claim{1: {c(1, "a", 1, 2)}, 2: {c(1, "a", 1, 2)}}, []uint32{1, 2}, []string{"1|a", "2|a"}},
		"the same twice in a run":                     {map[uint32][]claim{1: {c(1, "a", 1, 2), c(1, "a", 1, 2)}}, []uint32{1}, []string{"1|a", "2|a"}},
		"two versions in a run":                       {map[uint32][]claim{1: {c(2, "new", 1), c(1, "old", 1, 2)}}, []uint32{1}, []string{"1|new"}},
		"one time, another content: the later run":    {map[uint32][]claim{1: {low}, 2: {high}}, []uint32{1, 2}, []string{"1|high"}},
		"one time, and the earlier run promoted last": {map[uint32][]claim{1: {low}, 2: {high}}, []uint32{2, 1}, []string{"1|high"}},
		"one time, one run: the greater hash":         {map[uint32][]claim{1: {low, high}}, []uint32{1}, []string{"1|high"}},
		"deleted":                                     {map[uint32][]claim{1: {c(1, "a", 1, 2)}, 2: {gone}}, []uint32{1, 2}, nil},
		"deleted, and an old copy comes late":         {map[uint32][]claim{1: {c(1, "a", 1)}, 2: {gone}, 3: {c(1, "a", 1, 2)}}, []uint32{1, 2, 3}, nil},
		"deleted and made again":                      {map[uint32][]claim{1: {gone}, 2: {c(3, "a", 1)}}, []uint32{1, 2}, []string{"1|a"}},
		"a run that is not promoted hides nothing":    {map[uint32][]claim{1: {c(1, "a", 1, 2)}, 2: {c(2, "b", 1)}}, []uint32{1}, []string{"1|a", "2|a"}},
		"version before 1970":                         {map[uint32][]claim{1: {c(-60_000_000, "a", 1, 2)}, 2: {c(1, "b", 1)}}, []uint32{1, 2}, []string{"1|b"}},
	}
	byOrder := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		order := fmt.Sprint(cases[name].order)
		byOrder[order] = append(byOrder[order], name)
	}
	for order, names := range byOrder {
		for _, resumed := range []bool{false, true} {
			t.Run(fmt.Sprint("promoted: ", order, ", resumed: ", resumed), func(t *testing.T) {
				s.forget(t)
				lines := map[uint32][]claim{}
				for _, name := range names {
					for n, claims := range cases[name].runs {
						lines[n] = append(lines[n], asClaim(name, claims)...)
					}
				}
				runs := map[uint32]*Run{}
				for n, claims := range lines {
					runs[n] = s.begin(t, n)
					load(t, runs[n].NewWriter(), n, claims)
				}
				for _, n := range cases[names[0]].order {
					if resumed {
						runs[n] = s.begin(t, n)
					}
					_, err := runs[n].Promote(context.Background())
					must(t, err)
				}
				for _, name := range names {
					got := s.lines(t, "SELECT position, note FROM claim_item WHERE claim_id = "+text(asClaim(name, cases[name].runs[1])[0].id)+" ORDER BY position")
					if diff := cmp.Diff(cases[name].want, got); diff != "" {
						t.Errorf("%s: %s", name, diff)
					}
				}
			})
		}
	}
}

// asClaim gives the copies of claim 1 another id.
func asClaim(id string, copies []claim) []claim {
	own := slices.Clone(copies)
	for i := range own {
		if own[i].id == "1" {
			own[i].id = id
		}
	}
	return own
}

// A run that is dropped leaves nothing, and one that is promoted stays.
func TestDrop(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	c := []claim{{source: "payer-a", id: "1", items: []int32{1}}}
	run := s.begin(t, 1)
	load(t, run.NewWriter(), 1, c)
	must(t, run.Drop(ctx))
	must(t, run.Drop(ctx))
	if got := s.lines(t, "SELECT count() FROM claim_item_v"); got[0] != "0" {
		t.Errorf("%s rows after a drop", got[0])
	}
	load(t, run.NewWriter(), 1, c)
	_, err := run.Promote(ctx)
	must(t, err)
	if err := run.Drop(ctx); err == nil || !strings.Contains(err.Error(), "promoted") {
		t.Errorf("drop of a promoted run: %v", err)
	}
}

// Two runs under one number would mix: a ledger that was replaced counts again.
func TestRunNumberTaken(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	_, err := s.begin(t, 1).Promote(ctx)
	must(t, err)
	if _, err := s.Begin(ctx, "another", 1, testClaims); !errors.Is(err, ErrRunNumber) {
		t.Errorf("second run 1: %v", err)
	}
	if err := s.begin(t, 2).PromoteWith(ctx, []RunName{{1, "another"}}); !errors.Is(err, ErrRunNumber) {
		t.Errorf("second run 1, with a later one: %v", err)
	}
	if got := s.lines(t, "SELECT run_number FROM _promoted"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("promoted: %v", got)
	}
}

// Readers that join the tables while runs are promoted and dropped see each
// claim with all its lines or not at all.
func TestReadersNeverSeeHalf(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	const runs = 12
	stop, bad := make(chan struct{}), make(chan string, 2)
	for range 2 {
		go func() { bad <- halves(s, stop) }()
	}
	for n := uint32(1); n <= runs; n++ {
		var claims []claim
		for id := range 20 {
			items := make([]int32, 1+(id*7+int(n)*5)%9)
			for i := range items {
				items[i] = int32(i + 1)
			}
			claims = append(claims, claim{source: "payer-a", id: fmt.Sprint(id), version: int(n), note: fmt.Sprint(len(items)), items: items})
		}
		run := s.begin(t, n)
		load(t, run.NewWriter(), n, claims)
		if n%4 == 0 {
			must(t, run.Drop(ctx))
			continue
		}
		_, err := run.Promote(ctx)
		must(t, err)
	}
	close(stop)
	for range 2 {
		if text := <-bad; text != "" {
			t.Errorf("a reader saw:\n%s", text)
		}
	}
}

// halves reads until stop and returns what it saw of a claim that was not
// whole: every copy has as many lines as its note says.
func halves(s *Store, stop <-chan struct{}) string {
	const sql = `SELECT id, note, n FROM claim LEFT JOIN
		(SELECT claim_id, toString(count()) AS n, any(note) AS m FROM claim_item GROUP BY claim_id) AS i
		ON i.claim_id = claim.id WHERE note != n OR note != m`
	for {
		select {
		case <-stop:
			return ""
		default:
		}
		rows, err := s.Query(context.Background(), sql)
		if err != nil {
			return err.Error()
		}
		if rows.Next() {
			values, _ := rows.Row()
			return fmt.Sprint(values)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err.Error()
		}
	}
}

// The engine dies in the middle of a run. Another follows it, with all that was sent, and
// the run goes on; so does one in a process that comes after.
func TestEngineDiesInARun(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	srv := engine(t, dir)
	s := open(t, srv, "")
	must(t, s.Migrate(ctx, testClaims))
	first := []claim{{source: "payer-a", id: "1", version: 1, note: "a", items: []int32{1, 2}}}
	second := []claim{{source: "payer-a", id: "1", version: 2, note: "b", items: []int32{1}}}
	third := []claim{{source: "payer-a", id: "1", version: 3, note: "c", items: []int32{3}}}
	run := s.begin(t, 1)
	load(t, run.NewWriter(), 1, first)
	_, err := run.Promote(ctx)
	must(t, err)
	run = s.begin(t, 2)
	load(t, run.NewWriter(), 2, second)
	kill(t, srv)
	if got := s.lines(t, "SELECT position, note FROM claim_item ORDER BY position"); !slices.Equal(got, []string{"1|a", "2|a"}) {
		t.Errorf("after the crash: %q", got)
	}
	_, err = run.Promote(ctx)
	must(t, err)
	if got := s.lines(t, "SELECT position, note FROM claim_item"); !slices.Equal(got, []string{"1|b"}) {
		t.Errorf("after the run went on: %q", got)
	}
	run = s.begin(t, 3)
	load(t, run.NewWriter(), 3, third)
	must(t, srv.Close())

	s = open(t, engine(t, dir), "")
	must(t, s.Migrate(ctx, testClaims))
	run = s.begin(t, 3)
	load(t, run.NewWriter(), 3, third)
	_, err = run.Promote(ctx)
	must(t, err)
	if got := s.lines(t, "SELECT position, note FROM claim_item"); !slices.Equal(got, []string{"3|c"}) {
		t.Errorf("after the run was done again: %q", got)
	}
}

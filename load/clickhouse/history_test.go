package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// claim is one copy of a resource in a run. Its hash follows from its content,
// as that of a real line does.
type claim struct {
	source, id string
	version    int // minutes
	note       string
	items      []int32 // positions of its lines
	deleted    bool
	again      bool // loaded once more by its run
}

func (c claim) hash() uint64 {
	h := uint64(14695981039346656037)
	for _, b := range fmt.Sprint(c) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// origin places the claim on a line of a run.
func (c claim) origin(run uint32, line int) origin {
	return origin{source: c.source, run: fmt.Sprint("run-", run), line: int64(line), hash: c.hash(),
		version: time.Date(2024, 1, 1, 0, c.version, 0, 0, time.UTC), deleted: c.deleted, again: c.again}
}

// load writes claims into a run, in pieces, so that parts merge differently.
func load(t rapid.TB, w *Writer, run uint32, claims []claim) {
	t.Helper()
	schemas := testClaims
	ctx := context.Background()
	for i, c := range claims {
		o := c.origin(run, 1+i)
		root := build(t, schemas[0], func(b *array.RecordBuilder) {
			b.Field(0).(*array.StringBuilder).Append(c.id)
			must(t, b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(c.note))
			addLineage(t, b, o)
		})
		must(t, w.Write(ctx, root))
		root.Release()
		if len(c.items) == 0 || c.deleted {
			continue
		}
		items := build(t, schemas[1], func(b *array.RecordBuilder) {
			for _, p := range c.items {
				b.Field(0).(*array.StringBuilder).Append(c.id)
				b.Field(1).(*array.Int32Builder).Append(p)
				must(t, b.Field(2).(*array.BinaryDictionaryBuilder).AppendString(c.note))
				addLineage(t, b, o)
			}
		})
		must(t, w.Write(ctx, items))
		items.Release()
	}
	must(t, w.Flush(ctx))
}

var testClaims = claims()

// model is what readers should see: of each resource the copy that counts.
type model map[string]struct {
	claim
	run uint32
}

// rank orders what one run has of one version: tombstones above what was loaded once
// more, and that above the rest.
func (c claim) rank() int {
	switch {
	case c.deleted:
		return 2
	case c.again:
		return 1
	}
	return 0
}

// promote takes the claims of a run in: the later version counts, then the later run, then
// the rank, and then the greater hash.
func (m model) promote(run uint32, claims []claim) {
	for _, c := range claims {
		key := c.source + "/" + c.id
		old, ok := m[key]
		later := c.version > old.version || c.version == old.version && (run > old.run || run == old.run && (c.rank() > old.rank() || c.rank() == old.rank() && c.hash() > old.hash()))
		if !ok || later {
			old.claim, old.run = c, run
			m[key] = old
		}
	}
}

// lines are the two tables, as the model has them.
func (m model) lines() (roots, items []string) {
	for _, c := range m {
		if c.deleted {
			continue
		}
		roots = append(roots, strings.Join([]string{c.source, c.id, c.note}, "|"))
		for _, p := range c.items {
			items = append(items, fmt.Sprintf("%s|%s|%d|%s", c.source, c.id, p, c.note))
		}
	}
	slices.Sort(roots)
	slices.Sort(items)
	return roots, items
}

// check compares what readers see with the model.
func (m model) check(t *rapid.T, s *Store, when string) {
	roots, items := m.lines()
	for _, tc := range []struct {
		sql  string
		want []string
	}{
		{"SELECT _source, id, note FROM claim", roots},
		{"SELECT _source, claim_id, position, note FROM claim_item", items},
	} {
		got := s.lines(t, tc.sql)
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Fatalf("%s: %s\n%s", when, tc.sql, diff)
		}
	}
}

func drawClaims(t *rapid.T) []claim {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) claim {
		return claim{
			source:  rapid.SampledFrom([]string{"payer-a", "payer-b"}).Draw(t, "source"),
			id:      rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id"),
			version: rapid.IntRange(0, 4).Draw(t, "version"),
			note:    rapid.SampledFrom([]string{"1", "2", "x", ""}).Draw(t, "note"),
			items:   rapid.SliceOfNDistinct(rapid.Int32Range(1, 5), 0, 4, rapid.ID[int32]).Draw(t, "items"),
			deleted: rapid.IntRange(0, 6).Draw(t, "deleted") == 0,
			again:   rapid.IntRange(0, 4).Draw(t, "again") == 0,
		}
	}), 1, 6).Draw(t, "claims")
}

// Whatever the history, readers see of each resource the copy that counts,
// with all its rows and no other.
func TestAnyHistory(t *testing.T) {
	fresh := store(t)
	must(t, fresh.Migrate(context.Background(), testClaims))
	rapid.Check(t, func(rt *rapid.T) {
		fresh.forget(rt)
		m, pending := model{}, map[uint32]pendingRun{}
		for number := uint32(1); number <= uint32(rapid.IntRange(1, 8).Draw(rt, "runs")); number++ {
			p := pendingRun{run: fresh.begin(rt, number), claims: drawClaims(rt)}
			load(rt, p.run.NewWriter(), number, p.claims)
			if rapid.Bool().Draw(rt, "again after a crash") {
				p.run = fresh.begin(rt, number)
				load(rt, p.run.NewWriter(), number, p.claims)
			}
			pending[number] = p
			if rapid.Bool().Draw(rt, "merge") {
				fresh.merge(rt)
			}
			fresh.settle(rt, m, pending)
			m.check(rt, fresh, fmt.Sprint("after run ", number))
			if rapid.IntRange(0, 2).Draw(rt, "compact") == 0 {
				fresh.compactSome(rt)
				m.check(rt, fresh, fmt.Sprint("compacted after run ", number))
			}
		}
	})
}

// pendingRun is a run that is loaded and neither promoted nor dropped.
type pendingRun struct {
	run    *Run
	claims []claim
}

// settle promotes, drops or leaves each run that is not settled, in any order.
func (s *Store) settle(rt *rapid.T, m model, pending map[uint32]pendingRun) {
	ctx := context.Background()
	numbers := make([]uint32, 0, len(pending))
	for n := range pending {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range rapid.Permutation(numbers).Draw(rt, "order") {
		run := pending[n].run
		if rapid.Bool().Draw(rt, "in another process") {
			run = s.begin(rt, n)
		}
		switch rapid.SampledFrom([]string{"promote", "promote", "promote twice", "by an earlier claimlake", "crash", "leave", "drop"}).Draw(rt, "end") {
		case "crash": // after the tombstones, before the row in _promoted
			run.buryAll(rt)
			must(rt, errors.Join(run.follow(run.bound(ctx), []RunName{{n, run.id}}), run.Unkept()))
		case "by an earlier claimlake": // which knows of no kept views, and makes its own
			run.buryAll(rt)
			must(rt, s.apply(ctx, "promote.sql", []RunName{{n, run.id}}))
			m.promote(n, pending[n].claims)
			delete(pending, n)
			if s.keeping() != nil {
				s.makeViews(rt)
			}
		case "leave":
		case "drop":
			must(rt, run.Drop(ctx))
			delete(pending, n)
		case "promote twice":
			_, err := run.Promote(ctx)
			must(rt, err)
			fallthrough
		default:
			_, err := run.Promote(ctx)
			must(rt, errors.Join(err, run.Unkept()))
			m.promote(n, pending[n].claims)
			delete(pending, n)
		}
	}
}

// buryAll writes all of the run's tombstones.
func (r *Run) buryAll(rt *rapid.T) {
	for _, name := range r.order {
		if l := r.layouts[name]; l.IsRoot() {
			must(rt, r.bury(r.bound(context.Background()), l))
		}
	}
}

// compactSome puts partitions together, and sometimes dies before all of them are
// dropped.
func (s *Store) compactSome(rt *rapid.T) {
	ctx, small := context.Background(), smallPartitions{count: 2, rows: 1000}
	if rapid.Bool().Draw(rt, "die in between") {
		found, err := s.smallPartitions(ctx, testClaims, small)
		must(rt, err)
		for table, runs := range found {
			if last := len(runs) - 1; last > 0 {
				must(rt, s.apply(ctx, "compact.sql", gathering{Table: table, Into: runs[last], From: runs[:last]}))
				must(rt, s.conn.Exec(ctx, (leftover{Table: table, Partition: fmt.Sprint(runs[0])}).drop()))
			}
		}
		return
	}
	must(rt, s.compact(ctx, testClaims, small))
	found, err := s.smallPartitions(ctx, testClaims, small)
	must(rt, err)
	for table, runs := range found {
		if len(runs) > 1 {
			rt.Errorf("%s has %d partitions", table, len(runs))
		}
	}
}

func (s *Store) begin(t rapid.TB, number uint32) *Run {
	t.Helper()
	run, err := s.Begin(context.Background(), fmt.Sprint("run-", number), number, testClaims)
	must(t, err)
	return run
}

// merge makes ClickHouse drop the rows that its merges drop sooner or later.
func (s *Store) merge(t rapid.TB) {
	for _, schema := range testClaims {
		l, err := layoutOf(schema)
		must(t, err)
		must(t, s.conn.Exec(context.Background(), "OPTIMIZE TABLE "+l.Versions()+" FINAL"))
	}
}

package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
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

// place puts the claim on a line of a run.
func (c claim) place(run uint32, line int) place {
	return place{source: c.source, run: fmt.Sprint("run-", run), line: int64(line), hash: c.hash(),
		version: time.Date(2024, 1, 1, 0, c.version, 0, 0, time.UTC), deleted: c.deleted, again: c.again}
}

var testClaims = claims()

// write writes claims into a run, in parts as pieces cut them.
func write(t rapid.TB, run *Run, claims []claim, cut func() bool) []Part {
	t.Helper()
	w := run.NewWriter()
	var parts []Part
	flush := func() {
		more, err := w.Flush()
		must(t, err)
		parts = append(parts, more...)
	}
	for i, c := range claims {
		writeClaim(t, w, c, c.place(run.number, 1+i))
		if cut() {
			flush()
		}
	}
	flush()
	return parts
}

func writeClaim(t rapid.TB, w *Writer, c claim, o place) {
	t.Helper()
	root := buildBatch(t, testClaims[0], func(b *array.RecordBuilder) {
		b.Field(0).(*array.StringBuilder).Append(c.id)
		must(t, b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(c.note))
		addLineage(t, b, o)
	})
	defer root.Release()
	must(t, w.Write(root))
	if len(c.items) == 0 || c.deleted {
		return
	}
	items := buildBatch(t, testClaims[1], func(b *array.RecordBuilder) {
		for _, p := range c.items {
			b.Field(0).(*array.StringBuilder).Append(c.id)
			b.Field(1).(*array.Int32Builder).Append(p)
			must(t, b.Field(2).(*array.BinaryDictionaryBuilder).AppendString(c.note))
			addLineage(t, b, o)
		}
	})
	defer items.Release()
	must(t, w.Write(items))
}

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
func (m model) lines() map[string][]string {
	out := map[string][]string{}
	for _, c := range m {
		if c.deleted {
			continue
		}
		out["claim"] = append(out["claim"], fmt.Sprintf("%s|%s|%s", c.source, c.id, c.note))
		for _, p := range c.items {
			out["claim_item"] = append(out["claim_item"], fmt.Sprintf("%s|%s|%s|%d", c.source, c.id, c.note, p))
		}
	}
	for _, lines := range out {
		slices.Sort(lines)
	}
	return out
}

// read is what a reader sees who follows current once.
func read(t rapid.TB, dir string) map[string][]string {
	t.Helper()
	target, err := filepath.EvalSymlinks(filepath.Join(dir, "current"))
	if errors.Is(err, os.ErrNotExist) {
		return map[string][]string{}
	}
	must(t, err)
	return readSnapshot(t, target)
}

// readSnapshot reads all rows of a snapshot with nothing but parquet-go.
func readSnapshot(t rapid.TB, target string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, name := range []string{"claim", "claim_item"} {
		files, err := filepath.Glob(filepath.Join(target, name, "*.parquet"))
		must(t, err)
		for _, f := range files {
			out[name] = append(out[name], readLines(t, f)...)
		}
		slices.Sort(out[name])
		if out[name] == nil {
			delete(out, name)
		}
	}
	return out
}

// claimRow and itemRow are rows as readers see them.
type claimRow struct {
	Source  string `parquet:"_source"`
	ID      string `parquet:"id"`
	Note    string `parquet:"note,optional"`
	Deleted bool   `parquet:"_deleted"`
}

type itemRow struct {
	Source   string `parquet:"_source"`
	ID       string `parquet:"claim_id"`
	Position int32  `parquet:"position"`
	Note     string `parquet:"note,optional"`
}

func readLines(t rapid.TB, path string) (out []string) {
	t.Helper()
	if strings.Contains(path, "claim_item") {
		rows, err := pq.ReadFile[itemRow](path)
		must(t, err)
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%s|%s|%s|%d", r.Source, r.ID, r.Note, r.Position))
		}
		return out
	}
	rows, err := pq.ReadFile[claimRow](path)
	must(t, err)
	for _, r := range rows {
		if r.Deleted {
			t.Fatalf("%s holds a tombstone", path)
		}
		out = append(out, fmt.Sprintf("%s|%s|%s", r.Source, r.ID, r.Note))
	}
	return out
}

// check compares what readers see with the model.
func (m model) check(t *rapid.T, dir, when string) {
	if diff := cmp.Diff(m.lines(), read(t, dir)); diff != "" {
		t.Fatalf("%s:\n%s", when, diff)
	}
}

func drawClaims(t *rapid.T) []claim {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) claim {
		return claim{
			source:  rapid.SampledFrom([]string{"payer-a", "payer-b"}).Draw(t, "source"),
			id:      rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id"),
			version: rapid.IntRange(0, 4).Draw(t, "version"),
			note:    rapid.SampledFrom([]string{"x", "y", ""}).Draw(t, "note"),
			items:   rapid.SliceOfNDistinct(rapid.Int32Range(1, 5), 0, 4, rapid.ID[int32]).Draw(t, "items"),
			deleted: rapid.IntRange(0, 6).Draw(t, "deleted") == 0,
			again:   rapid.IntRange(0, 4).Draw(t, "again") == 0,
		}
	}), 1, 6).Draw(t, "claims")
}

// pendingRun is a run that is written and neither promoted nor dropped.
type pendingRun struct {
	claims []claim
	parts  []Part
}

// history is a lake, what it should hold and what is known of its runs.
type history struct {
	*rapid.T
	dir     string
	model   model
	pending map[uint32]pendingRun
	parts   map[string]bool // in the ledger
}

// Whatever the history, readers see of each resource the copy that counts, with
// all its rows and no other, before, during and after each promote.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "lake")
		must(rt, err)
		h := &history{T: rt, dir: dir, model: model{}, pending: map[uint32]pendingRun{}, parts: map[string]bool{}}
		for number := uint32(1); number <= uint32(rapid.IntRange(1, 8).Draw(rt, "runs")); number++ {
			h.write(number)
			h.settle()
			h.model.check(rt, dir, fmt.Sprint("after run ", number))
			if rapid.IntRange(0, 3).Draw(rt, "sweep") == 0 {
				must(rt, h.open().Sweep(func(path string) bool { return h.parts[path] }))
				h.model.check(rt, dir, fmt.Sprint("swept after run ", number))
			}
		}
	})
}

func (h *history) open() *Lake {
	l, err := Open(h.dir)
	must(h, err)
	l.contested = rapid.SampledFrom([]int{1, 2, maxContested}).Draw(h.T, "compared at a time")
	l.small.count = rapid.SampledFrom([]int{2, 3, 32}).Draw(h.T, "small files")
	return l
}

func (h *history) begin(l *Lake, number uint32) *Run {
	run, err := l.Begin(fmt.Sprint("run-", number), number, testClaims)
	must(h, err)
	return run
}

// write writes a run; sometimes a process before died and left parts that the
// ledger does not know.
func (h *history) write(number uint32) {
	cut := func() bool { return rapid.Bool().Draw(h.T, "new part") }
	p := pendingRun{claims: drawClaims(h.T)}
	if rapid.IntRange(0, 4).Draw(h.T, "died before") == 0 {
		write(h, h.begin(h.open(), number), p.claims, cut)
	}
	p.parts = write(h, h.begin(h.open(), number), p.claims, cut)
	for _, part := range p.parts {
		h.parts[part.Path] = true
	}
	h.pending[number] = p
}

// settle promotes, drops or leaves each run that is not settled, in any order.
func (h *history) settle() {
	numbers := make([]uint32, 0, len(h.pending))
	for n := range h.pending {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range rapid.Permutation(numbers).Draw(h.T, "order") {
		switch rapid.SampledFrom([]string{"promote", "promote", "promote twice", "crash", "leave", "drop"}).Draw(h.T, "end") {
		case "leave":
		case "crash":
			h.crash(n)
		case "drop":
			must(h, h.begin(h.open(), n).Drop())
			for _, p := range h.pending[n].parts {
				delete(h.parts, p.Path)
			}
			delete(h.pending, n)
		case "promote twice":
			h.promote(n, 2)
		default:
			h.promote(n, 1)
		}
	}
}

func (h *history) promote(number uint32, times int) {
	p := h.pending[number]
	var first Promoted
	for i := range times {
		got, err := h.begin(h.open(), number).Promote(context.Background(), p.parts)
		must(h, err)
		if i == 0 {
			first = got
		} else if diff := cmp.Diff(first, got); diff != "" {
			h.Fatalf("the second promote says otherwise:\n%s", diff)
		}
	}
	h.model.promote(number, p.claims)
	delete(h.pending, number)
}

// crash interrupts a promote before one of its steps. Readers still see what
// they saw, whichever step it is.
func (h *history) crash(number uint32) {
	l, left := h.open(), rapid.IntRange(0, 12).Draw(h.T, "steps")
	died := errors.New("died")
	l.fault = func(step string) error {
		h.model.check(h.T, h.dir, "before step "+step)
		if left--; left < 0 {
			return died
		}
		return nil
	}
	_, err := h.begin(l, number).Promote(context.Background(), h.pending[number].parts)
	switch {
	case errors.Is(err, died):
		h.model.check(h.T, h.dir, "after the crash")
	case err != nil:
		h.Fatal(err)
	default:
		h.model.promote(number, h.pending[number].claims)
		delete(h.pending, number)
	}
}

// A reader that holds a snapshot sees it unchanged while later ones come.
func TestSnapshotStays(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	var held string
	var want map[string][]string
	for number := uint32(1); number <= keptSnapshots; number++ {
		run, err := l.Begin(fmt.Sprint("run-", number), number, testClaims)
		must(t, err)
		c := claim{source: "payer-a", id: "1", version: int(number), note: strings.Repeat("x", int(number)), items: []int32{1, 2}}
		_, err = run.Promote(t.Context(), write(t, run, []claim{c}, func() bool { return false }))
		must(t, err)
		if number == 1 {
			held, err = filepath.EvalSymlinks(filepath.Join(dir, "current"))
			must(t, err)
			want = readSnapshot(t, held)
		}
		must(t, l.Sweep(func(string) bool { return true }))
		if diff := cmp.Diff(want, readSnapshot(t, held)); diff != "" {
			t.Fatalf("after run %d:\n%s", number, diff)
		}
	}
}

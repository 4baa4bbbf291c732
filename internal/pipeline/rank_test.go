package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/lineage"
)

// versioned is mapping with meta.versionId.
var versioned = strings.Replace(mapping, "      - {name: total,", "      - {name: version_id, path: meta.versionId, type: string, description: Version}\n      - {name: total,", 1)

// resend is a copy of a claim in an export: a line of one of its files.
type resend struct {
	id      string
	updated string // meta.lastUpdated as JSON; "" for none
	version string // meta.versionId as JSON; "" for none
	content int    // what else is in it, and how many lines it has
	deleted bool   // told as deleted instead
}

func (c resend) line() string {
	var meta []string
	if c.updated != "" {
		meta = append(meta, `"lastUpdated":`+c.updated)
	}
	if c.version != "" {
		meta = append(meta, `"versionId":`+c.version)
	}
	var items []string
	for i := range c.content {
		items = append(items, fmt.Sprintf(`{"net":{"value":%d}}`, c.content*10+i))
	}
	return fmt.Sprintf(`{"resourceType":"Claim","id":%q,"total":{"value":%d},"meta":{%s},"item":[%s]}`, c.id, c.content, strings.Join(meta, ","), strings.Join(items, ","))
}

func (c resend) deletion() string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/%s"}}]}`, c.id)
}

// sent is an export: files of lines.
type sent struct {
	at      time.Time
	files   [][]resend
	deletes []resend
	breakAt int // the file that cannot be read in a first attempt; 0: none
}

func (s *sent) Prepare(_ context.Context, _ extract.Job, note func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: s.at}
	for i := range s.files {
		b.Files = append(b.Files, File{ID: fileID(i), Name: "https://fhir.example.org/" + fileID(i), ResourceType: "Claim", Announced: -1, Bytes: -1})
	}
	b.Files = append(b.Files, File{ID: fileID(len(s.files)), Name: "https://fhir.example.org/deleted", Deletes: true, Announced: -1, Bytes: -1})
	return b, note(extract.Job{StatusURL: "https://fhir.example.org/status"})
}

func (s *sent) Pages(_ context.Context, f File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	var lines strings.Builder
	broken := false
	for i, file := range s.files {
		for _, c := range file {
			if fileID(i) == f.ID {
				lines.WriteString(c.line() + "\n")
			}
		}
		broken = broken || i+1 == s.breakAt && fileID(i) == f.ID
	}
	for _, c := range s.deletes {
		if f.Deletes {
			lines.WriteString(c.deletion() + "\n")
		}
	}
	return func(yield func(lineage.Page, error) bool) {
		if broken {
			yield(lineage.Page{}, errCut)
			return
		}
		extract.NewPageReader(strings.NewReader(lines.String()), extract.Start, b).Pages()(yield)
	}
}

func (s *sent) SHA256(string) string                      { return "" }
func (s *sent) Finish(context.Context, extract.Job) error { return nil }

// ranking says, as plainly as can be, which copy of each claim counts.
type ranking map[string]struct {
	resend
	rank []any
}

// number is a version's number of any size; nil for none.
func number(version string) *big.Int {
	text := strings.Trim(version, `"`)
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return nil
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

// outranks reports whether a rank is above another: times, then runs, then whether it is a
// deletion, then the version's number, file and line.
func outranks(a, b []any) bool {
	for i := range a {
		switch x := a[i].(type) {
		case time.Time:
			if y := b[i].(time.Time); !x.Equal(y) {
				return x.After(y)
			}
		case int:
			if y := b[i].(int); x != y {
				return x > y
			}
		case *big.Int:
			switch y := b[i].(*big.Int); {
			case x == nil && y == nil:
			case x == nil || y == nil:
				return y == nil
			case x.Cmp(y) != 0:
				return x.Cmp(y) > 0
			}
		}
	}
	return false
}

// export takes an export in. A copy without a time is of just before it, and none is of
// after it. What a full one has counts, whatever was loaded or deleted before.
func (m ranking) export(run int, s *sent, full bool) {
	came := map[string]bool{}
	best := ranking{}
	enter := func(m ranking, c resend, rank []any) {
		if old, ok := m[c.id]; !ok || outranks(rank, old.rank) {
			m[c.id] = struct {
				resend
				rank []any
			}{c, rank}
		}
	}
	for i, file := range s.files {
		for j, c := range file {
			at, err := time.Parse(time.RFC3339, strings.Trim(c.updated, `"`))
			switch {
			case err != nil:
				at = s.at.Add(-2 * time.Microsecond)
			case at.After(s.at):
				at = s.at.Add(-time.Microsecond)
			}
			enter(best, c, []any{at, run, 0, number(c.version), i, j})
			came[c.line()] = true
		}
	}
	for _, c := range s.deletes {
		at := s.at
		if old, ok := m[c.id]; ok && full && old.rank[0].(time.Time).After(at) {
			at = old.rank[0].(time.Time)
		}
		c.deleted = true
		enter(best, c, []any{at, run, 1, (*big.Int)(nil), 0, 0})
	}
	for id, b := range best {
		old, ok := m[id]
		if ok && full && !b.deleted && !came[old.line()] && old.rank[0].(time.Time).After(b.rank[0].(time.Time)) {
			b.rank[0] = old.rank[0] // the server's word is newer
		}
		enter(m, b.resend, b.rank)
	}
}

func (m ranking) rows() (rows []string) {
	for id, c := range m {
		for i := range c.content {
			if !c.deleted {
				rows = append(rows, fmt.Sprintf("%s|%d|%d.0000", id, i+1, c.content*10+i))
			}
		}
	}
	slices.Sort(rows)
	return rows
}

func drawSent(t *rapid.T, at time.Time) *sent {
	s := &sent{at: at}
	copies := rapid.Custom(func(t *rapid.T) resend {
		return resend{
			id: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"),
			updated: rapid.SampledFrom([]string{"", "", `"yesterday"`, `17`, `"2026-01-01T00:00:01Z"`, `"2026-01-01T00:00:02Z"`, `"2026-01-01T00:00:03Z"`, `"2031-01-01T00:00:00Z"`}).
				Draw(t, "lastUpdated"),
			version: rapid.SampledFrom([]string{"", `"1"`, `"2"`, `"010"`, `"999998"`, `"999999"`, `"1767225600000"`, `"1767225600001"`, `"9223372036854775807"`, `"123456789012345678901234567890"`, `"123456789012345678901234567891"`, `"abc"`, `"-4"`}).Draw(t, "versionId"),
			content: rapid.IntRange(1, 4).Draw(t, "content"),
		}
	})
	for range rapid.IntRange(1, 3).Draw(t, "files") {
		s.files = append(s.files, rapid.SliceOfN(copies, 0, 4).Draw(t, "lines"))
	}
	s.deletes = rapid.SliceOfN(copies, 0, 1).Draw(t, "deletions")
	return s
}

// Wherever the copies of a claim stand, whatever they say of their time and version, and
// whenever a sync is interrupted, both stores show the one that a plain reference shows.
func TestAnyCopiesAreRankedAlike(t *testing.T) {
	plan := planOf(t, versioned)
	dir := t.TempDir()
	w := warehouse(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		lake, err := os.MkdirTemp(dir, "lake-")
		if err != nil {
			rt.Fatal(err)
		}
		store := &Warehouse{Store: database(rt, w, filepath.Base(lake))}
		defer store.Store.Close() //nolint:errcheck // only read
		o := options(t, lake, nil)
		o.Plan, o.Warehouse, o.Kind, o.Resume, o.AcceptAbsent, o.Workers = plan, store.Store, "sync", true, true, rapid.IntRange(1, 3).Draw(rt, "workers")
		o.Checks.Accept, o.Checks.By = "clocks", "a test"
		m := ranking{}
		at := epoch.Add(3 * time.Second) // a lastUpdated is before, or years after
		for run := range rapid.IntRange(1, 4).Draw(rt, "syncs") {
			at = at.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "seconds")) * time.Second)
			s := drawSent(rt, at)
			o.Request = fmt.Sprint("sync ", run)
			if o.Full = rapid.Bool().Draw(rt, "full"); o.Full { // nothing is absent
				for id, c := range m {
					if !c.deleted {
						s.files[0] = append(s.files[0], m[id].resend)
					}
				}
			}
			if s.breakAt = rapid.IntRange(0, len(s.files)).Draw(rt, "interrupted"); s.breakAt > 0 {
				if _, err := Run(context.Background(), o, s); err == nil {
					rt.Fatal("it ended well")
				}
				s.breakAt = 0
			}
			if dieAt := rapid.SampledFrom(steps).Draw(rt, "die at"); dieAt != "" {
				dies := o
				dies.before = func(step string) error {
					if step == dieAt {
						return errDead
					}
					return nil
				}
				if _, err := Run(context.Background(), dies, s); err != nil && !errors.Is(err, errDead) {
					rt.Fatal(err)
				}
			}
			if _, err := Run(context.Background(), o, s); err != nil {
				rt.Fatal(err)
			}
			m.export(run, s, o.Full)
			want := m.rows()
			if got := items(t, lake); !slices.Equal(got, want) {
				rt.Fatalf("after sync %d the lake has %v, want %v", run, got, want)
			}
			if got := store.stored(t); !slices.Equal(got, want) {
				rt.Fatalf("after sync %d ClickHouse has %v, want %v", run, got, want)
			}
		}
	})
}

// Of the copies of a claim in one export that no time ranks, the one counts that this table
// says, in both stores: also where rows do not tell the version's number, since the mapping
// has no column of it or a policy changes them, where the same export comes again, and in
// a lake that is made from its archive.
func TestCopiesOfOneExport(t *testing.T) {
	const early, late, exported = `"2025-12-01T00:00:00Z"`, `"2025-12-02T00:00:00Z"`, `"2026-01-01T00:00:02Z"`
	cases := []struct {
		name   string
		copies [2][]resend // by file
		gone   bool        // the export says that it is deleted, too
		want   int         // content; 0: deleted
	}{
		{"a later file", [2][]resend{{{content: 1}, {content: 2}, {content: 3}}, {{content: 4}}}, false, 4},
		{"a later line", [2][]resend{{{content: 3}, {content: 2}}, nil}, false, 2},
		{"a greater version", [2][]resend{{{version: `"2"`, content: 1}}, {{version: `"1"`, content: 2}}}, false, 1},
		{"a greater version, as numbers are", [2][]resend{{{version: `"10"`, content: 1}}, {{version: `"9"`, content: 2}}}, false, 1},
		{"versions that are times", [2][]resend{{{version: `"1767225600001"`, content: 1}}, {{version: `"1767225600000"`, content: 2}}}, false, 1},
		{"versions of 64 bits", [2][]resend{{{version: `"9223372036854775809"`, content: 1}}, {{version: `"9223372036854775808"`, content: 2}}}, false, 1},
		{"versions beyond", [2][]resend{{{version: `"123456789012345678901234567891"`, content: 1}}, {{version: `"123456789012345678901234567890"`, content: 2}}}, false, 1},
		{"leading zeros", [2][]resend{{{version: `"0011"`, content: 1}}, {{version: `"9"`, content: 2}}}, false, 1},
		{"a version and none", [2][]resend{{{version: `"1"`, content: 1}}, {{content: 2}}}, false, 1},
		{"versions that are no numbers", [2][]resend{{{version: `"b"`, content: 1}}, {{version: `"a"`, content: 2}}}, false, 2},
		{"a time that is none", [2][]resend{{{updated: `"soon"`, version: `"7"`, content: 1}}, {{updated: `3`, version: `"6"`, content: 2}}}, false, 1},
		{"a time, and none", [2][]resend{{{content: 1}}, {{updated: late, version: `"9"`, content: 2}}}, false, 1},
		{"of one time, a greater version", [2][]resend{{{updated: early, version: `"2"`, content: 1}}, {{updated: early, version: `"1"`, content: 2}}}, false, 1},
		{"of one time, a later file", [2][]resend{{{updated: early, content: 1}}, {{updated: early, content: 2}}}, false, 2},
		{"a later time", [2][]resend{{{updated: late, version: `"1"`, content: 1}}, {{updated: early, version: `"2"`, content: 2}}}, false, 1},
		{"a deletion at the copy's time", [2][]resend{{{updated: exported, content: 1}}, nil}, true, 0},
		{"a deletion, and a clock that was ahead", [2][]resend{{{updated: `"2031-01-01T00:00:00Z"`, content: 1}}, nil}, true, 0},
		{"a deletion, and no time", [2][]resend{{{content: 1}}, {{content: 2}}}, true, 0},
	}
	s := &sent{at: epoch.Add(2 * time.Second), files: make([][]resend, 2)}
	want := []string{}
	for i, c := range cases {
		id := fmt.Sprintf("c%02d", i)
		for file, copies := range c.copies {
			for _, x := range copies {
				x.id = id
				s.files[file] = append(s.files[file], x)
			}
		}
		if c.gone {
			s.deletes = append(s.deletes, resend{id: id})
		}
		for line := range c.want {
			want = append(want, fmt.Sprintf("%s|%d|%d.0000", id, line+1, c.want*10+line))
		}
	}
	dir := t.TempDir()
	w := warehouse(t, filepath.Join(dir, "engine"))
	for _, tc := range []struct {
		name    string
		mapping string
		policy  bool
	}{{"no column", mapping, false}, {"a column", versioned, false}, {"pseudonyms", versioned, true}} {
		t.Run(tc.name, func(t *testing.T) {
			lake := filepath.Join(dir, tc.name)
			own := &Warehouse{Store: w.another(t, strings.ReplaceAll(tc.name, " ", "_"))}
			o := options(t, lake, own)
			o.Plan, o.Kind, o.Resume, o.Request, o.Full, o.Archive = planOf(t, tc.mapping), "sync", true, "all", true, true
			want := slices.Clone(want)
			if tc.policy {
				o = underPolicyOf(t, o, tc.mapping, pseudonymous)
				for i, row := range want {
					id, rest, _ := strings.Cut(row, "|")
					want[i] = pseudonym(id) + "|" + rest
				}
				slices.Sort(want)
			}
			check := func(when string, lake string, own *Warehouse) {
				t.Helper()
				if diff := cmp.Diff(want, items(t, lake)); diff != "" {
					t.Errorf("%s, the lake:\n%s", when, diff)
				}
				if own == nil {
					return
				}
				if diff := cmp.Diff(want, own.stored(t)); diff != "" {
					t.Errorf("%s, ClickHouse:\n%s", when, diff)
				}
			}
			for _, when := range []string{"once", "again", "once more"} {
				o.Request = when
				_, err := Run(t.Context(), o, s)
				must(t, err)
				check(when, lake, own)
			}
			again, err := OpenReflatten(t.Context(), lake, "1", nil)
			must(t, err)
			again.Elsewhere()
			elsewhere := o
			elsewhere.Lake, elsewhere.Warehouse, elsewhere.Full = filepath.Join(dir, tc.name+" again"), nil, false
			_, err = Run(t.Context(), elsewhere, again)
			must(t, err)
			check("from the archive", elsewhere.Lake, nil)
		})
	}
}

// A later sync's word counts also where both have the same time.
func TestTwoSyncsWithinOneSecond(t *testing.T) {
	at := epoch.Add(2 * time.Second)
	now := `"2026-01-01T00:00:02Z"`
	for name, tc := range map[string]struct {
		first, second sent
		want          []string
	}{
		"a change":                   {sent{files: [][]resend{{{id: "a", updated: now, content: 1}}}}, sent{files: [][]resend{{{id: "a", updated: now, content: 2}}}}, []string{"a|1|20.0000", "a|2|21.0000"}},
		"a deletion":                 {sent{files: [][]resend{{{id: "a", updated: now, content: 1}}}}, sent{deletes: []resend{{id: "a"}}}, nil},
		"a deletion, then a new one": {sent{deletes: []resend{{id: "a"}}}, sent{files: [][]resend{{{id: "a", updated: now, content: 1}}}}, []string{"a|1|10.0000"}},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			o := options(t, lake, nil)
			o.Kind, o.Request = "sync", "first"
			for _, s := range []sent{tc.first, tc.second} {
				s.at = at
				_, err := Run(t.Context(), o, &s)
				must(t, err)
				o.Request = "second"
			}
			if got := items(t, lake); !slices.Equal(got, tc.want) {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

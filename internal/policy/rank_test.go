package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

// told are the lineage columns of rows, by table.
type told struct {
	version, retrieved, transaction time.Time
	hash                            uint64
	id                              string
}

var loadedAt = time.Date(2026, 6, 2, 3, 4, 5, 678901000, time.UTC)

// lineageOf flattens lines, with hashes and rows as a policy wants them.
func lineageOf(t testing.TB, s Spec, key string, lines ...string) map[string][]told {
	t.Helper()
	return lineageAt(t, loadedAt, s, key, lines...)
}

// lineageAt is lineageOf of an export of another time.
func lineageAt(t testing.TB, at time.Time, s Spec, key string, lines ...string) map[string][]told {
	t.Helper()
	plan := planOf(t)
	p, err := Compile(s, []byte(key), plan.Schemas())
	if err != nil {
		t.Fatal(err)
	}
	f := plan.NewFlattener(memory.NewGoAllocator())
	f.HashBy(p.LineHash())
	page := lineage.Page{
		Origin: lineage.Origin{Source: "s", RunID: "r", FileID: "f", RetrievedAt: at, TransactionTime: at},
		First:  1, Lines: len(lines), Data: []byte(strings.Join(lines, "\n") + "\n"),
	}
	res, err := f.Flatten(page)
	if err != nil || len(res.Rejects) > 0 {
		t.Fatal(err, res.Rejects)
	}
	if res.Batches, err = p.Apply(memory.NewGoAllocator(), page, res.Batches); err != nil {
		t.Fatal(err)
	}
	return toldBy(t, res)
}

func planOf(t testing.TB) *transform.Plan {
	t.Helper()
	var mappings []*transform.Mapping
	for _, text := range []string{patients, conditions} {
		m, err := transform.ParseMapping("m.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		mappings = append(mappings, m)
	}
	plan, err := transform.Compile(mappings)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func toldBy(t testing.TB, res *transform.Result) map[string][]told {
	t.Helper()
	out := map[string][]told{}
	for _, b := range res.Batches {
		of, err := table.Of(b.Schema())
		if err != nil {
			t.Fatal(err)
		}
		column := func(name string) arrow.Array { return b.Column(b.Schema().FieldIndices(name)[0]) }
		at := func(name string, row int) time.Time {
			return time.UnixMicro(int64(column(name).(*array.Timestamp).Value(row))).UTC()
		}
		for row := range int(b.NumRows()) {
			out[of.Name] = append(out[of.Name], told{
				at(lineage.Version, row), at(lineage.RetrievedAt, row), at(lineage.TransactionTime, row),
				column(lineage.Hash).(*array.Uint64).Value(row), column(of.Key[0]).ValueStr(row),
			})
		}
	}
	return out
}

func condition(id string, updated time.Time) string {
	return fmt.Sprintf(`{"resourceType":"Condition","id":%q,"meta":{"lastUpdated":%q},"note":[{"text":"n"}]}`, id, updated.Format(time.RFC3339Nano))
}

// Whatever copies there are: those of one resource keep their order and their distances,
// no rank is before its version, and every table says the same of a line.
func TestRanksKeepTheOrderOfCopies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(rt, "copies")
		var lines []string
		var versions []time.Time
		var ids []string
		for i := range n {
			versions = append(versions, time.UnixMicro(rapid.Int64Range(0, loadedAt.UnixMicro()).Draw(rt, "version")).UTC())
			ids = append(ids, rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "id"))
			lines = append(lines, condition(ids[i], versions[i]))
		}
		got := lineageOf(t, Spec{Preset: SafeHarbor}, secretKey, lines...)
		ranks := got["condition"]
		for i := range n {
			if ranks[i].version.Before(versions[i]) {
				rt.Errorf("rank %s of version %s", ranks[i].version, versions[i])
			}
			if note := got["condition_note"][i]; note.version != ranks[i].version || note.hash != ranks[i].hash {
				rt.Errorf("a child says %+v, its resource %+v", note, ranks[i])
			}
			for j := range n {
				if ids[i] == ids[j] && ranks[i].version.Sub(ranks[j].version) != versions[i].Sub(versions[j]) {
					rt.Errorf("copies of %s at %s and %s have ranks %s and %s", ids[i], versions[i], versions[j], ranks[i].version, ranks[j].version)
				}
			}
		}
	})
}

// Ranks and hashes are those of the resource and the key, whatever run makes them, and
// nobody reads times or lines from them.
func TestRanksTellNoTime(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 30, 0, 123456000, time.UTC)
	lines := []string{condition("1", at), condition("2", at), `{"resourceType":"Patient","id":"1","meta":{"lastUpdated":"2026-06-01T12:30:00.123456Z"}}`}
	one, again := lineageOf(t, Spec{Preset: SafeHarbor}, secretKey, lines...), lineageOf(t, Spec{Preset: SafeHarbor, Labels: []string{"R"}}, secretKey, lines...)
	other := lineageOf(t, Spec{Preset: SafeHarbor}, secretKey+"x", lines...)
	var ranks []time.Time
	for i, row := range []told{one["condition"][0], one["condition"][1], one["patient"][0]} {
		ranks = append(ranks, row.version)
		if apart := row.version.Sub(at).Abs(); apart < 24*time.Hour {
			t.Errorf("the rank is %s from the time", apart)
		}
		if year := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); row.retrieved != year || row.transaction != year {
			t.Errorf("retrieved at %s, export of %s", row.retrieved, row.transaction)
		}
		if row.hash == xxh3.HashString(lines[i]) {
			t.Error("a hash of the line that everybody can make")
		}
	}
	slices.SortFunc(ranks, func(a, b time.Time) int { return cmp.Compare(a.UnixMicro(), b.UnixMicro()) })
	if len(slices.Compact(ranks)) != len(lines) {
		t.Errorf("resources of one time have ranks %v: they tell it of each other", ranks)
	}
	if a, b := one["condition"][0], again["condition"][0]; a != b {
		t.Errorf("another policy of the same key: %+v, %+v", a, b)
	}
	if a, b := one["condition"][0], other["condition"][0]; a.version.Equal(b.version) || a.hash == b.hash {
		t.Errorf("another key: %+v, %+v", a, b)
	}
}

// Where ids stay, versions are times; and without a key, hashes everybody's.
func TestLineageStaysWhereIDsDo(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 30, 0, 123456000, time.UTC)
	line := condition("1", at)
	for name, tc := range map[string]struct {
		spec  Spec
		key   string
		keyed bool
	}{
		"no key":             {Spec{Labels: []string{"R"}}, "", false},
		"a key":              {Spec{Labels: []string{"R"}}, secretKey, true},
		"ids of one type":    {Spec{Rules: []Rule{{[]string{"patient.id"}, Pseudonymise}}}, secretKey, true},
		"ids that are kept":  {Spec{Preset: SafeHarbor, Rules: []Rule{{[]string{"condition.id", "condition_id"}, Keep}}}, secretKey, true},
		"of children, alone": {Spec{Rules: []Rule{{[]string{"condition_note.condition_id"}, Pseudonymise}}}, secretKey, true},
	} {
		got := lineageOf(t, tc.spec, tc.key, line)
		for _, row := range []told{got["condition"][0], got["condition_note"][0]} {
			if row.version != at || row.retrieved != loadedAt || row.transaction != loadedAt {
				t.Errorf("%s: %+v", name, row)
			}
			if keyed := row.hash != xxh3.HashString(line); keyed != tc.keyed {
				t.Errorf("%s: keyed is %v", name, keyed)
			}
		}
	}
}

// A time beyond what the stores can have stays the last.
func TestRanksEnd(t *testing.T) {
	end := time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)
	got := lineageAt(t, end, Spec{Preset: SafeHarbor}, secretKey, condition("1", end))
	if rank := got["condition"][0].version; rank != time.UnixMicro(lastRank).UTC() || rank.Format(time.RFC3339Nano) != "2299-12-31T23:59:59.999999Z" {
		t.Errorf("rank %s", rank)
	}
}

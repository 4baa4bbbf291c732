package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/load/clickhouse"
)

// payer is a FHIR server that holds claims and keeps their history. A claim's
// version is the hour of its last change.
type payer struct {
	t        *rapid.T
	now      int
	claims   map[string][]copyOf // every version, the newest last
	since    time.Time           // what the next export is asked for
	exported int                 // hour of the export
	batch    Batch
	content  map[string]string      // of the files of the export
	alias    func(id string) string // what the stores have for an id
}

// copyOf is a claim as it was.
type copyOf struct {
	hour    int
	nets    []string
	deleted bool
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(hour int) time.Time { return epoch.Add(time.Duration(hour) * time.Hour) }

// change makes the server another one: an hour passes, and claims come, change or
// go.
func (p *payer) change() {
	t := p.t
	p.now++
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "claim")
		c := copyOf{hour: p.now, deleted: len(p.claims[id]) > 0 && rapid.IntRange(0, 3).Draw(t, "deleted") == 0}
		if !c.deleted {
			c.nets = rapid.SliceOfN(rapid.SampledFrom([]string{"1.10", "0.0", "-2"}), 0, 3).Draw(t, "lines")
		}
		p.claims[id] = append(slices.DeleteFunc(p.claims[id], func(old copyOf) bool { return old.hour == p.now }), c)
	}
}

// export makes the files of what changed after since: claims, perhaps with an
// older copy of one with it, and deletions.
func (p *payer) export(since time.Time) {
	p.content, p.exported = map[string]string{}, p.now
	var output, late, deleted strings.Builder
	for _, id := range slices.Sorted(maps.Keys(p.claims)) {
		versions := p.claims[id]
		last := versions[len(versions)-1]
		if !at(last.hour).After(since) && !since.IsZero() {
			continue
		}
		if last.deleted {
			fmt.Fprintf(&deleted, `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/%s"}}]}`+"\n", id)
		} else {
			output.WriteString(last.line(id))
		}
		if old := rapid.SampledFrom(versions).Draw(p.t, "late copy"); !old.deleted && old.hour < last.hour {
			late.WriteString(old.line(id))
		}
	}
	p.batch = Batch{TransactionTime: at(p.now)}
	p.add("output-1", "Claim", output.String())
	p.add("output-2", "Claim", late.String())
	p.add("deleted-1", "", deleted.String())
}

func (p *payer) add(id, typ, content string) {
	p.content[id] = content
	p.batch.Files = append(p.batch.Files, File{ID: id, Name: "https://fhir.example.org/" + id, ResourceType: typ, Deletes: typ == "", Announced: -1, Bytes: -1})
}

func (c copyOf) line(id string) string {
	return claimLine(id, at(c.hour).Format(time.RFC3339), c.nets...) + "\n"
}

// state is what the server holds now, as rows of claim_item.
func (p *payer) state() []string {
	var rows []string
	for id, versions := range p.claims {
		for i, net := range versions[len(versions)-1].nets {
			rows = append(rows, fmt.Sprintf("%s|%d|%s", p.alias(id), i+1, map[string]string{"1.10": "1.1000", "0.0": "0.0000", "-2": "-2.0000"}[net]))
		}
	}
	slices.Sort(rows)
	return rows
}

// Prepare makes a new export, unless an earlier one is asked for: its files stay as
// they are.
func (p *payer) Prepare(_ context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	if earlier.StatusURL == "" {
		p.export(p.since)
		return p.batch, note(extract.Job{StatusURL: "https://fhir.example.org/status"})
	}
	return p.batch, nil
}

func (p *payer) Pages(_ context.Context, f File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		extract.NewPageReader(strings.NewReader(p.content[f.ID]), extract.Start, b).Pages()(yield)
	}
}

func (p *payer) SHA256(string) string                      { return "" }
func (p *payer) Finish(context.Context, extract.Job) error { return nil }

// errDead is what ends a sync where its process shall die. What a sync does after
// an error is to keep itself for the next one, as a dead process does.
var errDead = errors.New("died")

var steps = []string{"", "", "load", "checkpoint", "commit", "begin promote", "promote in ClickHouse", "promote in the lake", "promote in the ledger", "finish"}

// attempt is one sync, which may die at a step.
func attempt(o Options, p *payer, dieAt string) (died bool, err error) {
	o.before = func(step string) error {
		if step == dieAt {
			return errDead
		}
		return nil
	}
	_, err = Run(context.Background(), o, p)
	if errors.Is(err, errDead) {
		return true, nil
	}
	return false, err
}

// Whatever the history and wherever a sync died, the next one that ends well
// leaves both stores with what the server holds, and until then readers see what
// they saw before. Where ClickHouse was left out, or lost, a fill gives it the same.
func TestAnyHistoryOfSyncsGivesTheServersState(t *testing.T) {
	base := t.TempDir()
	w := warehouse(t, base)
	rapid.Check(t, func(rt *rapid.T) {
		lake, err := os.MkdirTemp(base, "lake-")
		if err != nil {
			rt.Fatal(err)
		}
		// A database of its own for each history, in the one engine.
		own := &Warehouse{Store: database(rt, w, filepath.Base(lake))}
		defer own.Store.Close() //nolint:errcheck // only read
		o := options(t, lake, own)
		o.Kind, o.Resume = "sync", true
		p := &payer{t: rt, claims: map[string][]copyOf{}, alias: func(id string) string { return id }}
		if rapid.Bool().Draw(rt, "under a policy") {
			o, p.alias = underPolicy(t, o, pseudonymous), pseudonym
		}
		lacks, days := false, rapid.IntRange(1, 4).Draw(rt, "days")
		for n := range days {
			p.change()
			day := o
			if rapid.IntRange(0, 3).Draw(rt, "without ClickHouse") == 0 {
				day.Warehouse = nil
			}
			p.sync(day)
			if rapid.Bool().Draw(rt, "forgets") {
				p.forget(day)
			}
			if rapid.IntRange(0, 3).Draw(rt, "another database") == 0 {
				own = &Warehouse{Store: database(rt, w, fmt.Sprint(filepath.Base(lake), "_", p.now))}
				defer own.Store.Close() //nolint:errcheck // only read
				o.Warehouse, lacks = own.Store, true
			}
			lacks = lacks || day.Warehouse == nil
			if lacks && (n == days-1 || rapid.Bool().Draw(rt, "fill")) {
				p.fill(o)
				lacks = false
			}
			if got, want := items(t, lake), p.state(); !slices.Equal(got, want) {
				rt.Fatalf("Parquet %v, the server has %v", got, want)
			}
			if lacks {
				continue
			}
			if got, want := own.stored(t), p.state(); !slices.Equal(got, want) {
				rt.Fatalf("ClickHouse %v, the server has %v", got, want)
			}
		}
	})
}

// sync tries until a sync of what the server holds now ends well. Until then
// attempts die, and the server may change.
func (p *payer) sync(o Options) {
	for p.exported < p.now {
		since, err := Watermark(context.Background(), o.Lake, o.Source)
		if err != nil {
			p.t.Fatal(err)
		}
		p.since, o.Request = since, since.String()+rapid.SampledFrom([]string{"", "", " otherwise"}).Draw(p.t, "request")
		dieAt := rapid.SampledFrom(steps).Draw(p.t, "dies at")
		died, err := attempt(o, p, dieAt)
		if err != nil {
			p.t.Fatal(err)
		}
		if died && rapid.Bool().Draw(p.t, "the server changes meanwhile") {
			p.change()
		}
		if died {
			p.exported = min(p.exported, p.now-1)
		}
	}
}

// forget makes the server another one that says nothing of a claim it had, which a
// sync of everything finds. One without any claim it would not believe.
func (p *payer) forget(o Options) {
	forgotten := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(p.t, "forgotten")
	others := slices.DeleteFunc(slices.Collect(maps.Keys(p.claims)), func(id string) bool {
		versions := p.claims[id]
		return id == forgotten || versions[len(versions)-1].deleted
	})
	if len(others) == 0 {
		return
	}
	delete(p.claims, forgotten)
	p.now++
	p.since, o.Request, o.Full, o.AcceptAbsent = time.Time{}, "everything", true, true
	if died, err := attempt(o, p, ""); died || err != nil {
		p.t.Fatalf("died: %v, %v", died, err)
	}
}

// fill loads into ClickHouse what it lacks, which may die once.
func (p *payer) fill(o Options) {
	if rapid.Bool().Draw(p.t, "the fill dies") {
		dying := o
		dying.before = func(string) error { return errDead }
		if _, err := Fill(context.Background(), dying); err != nil && !errors.Is(err, errDead) {
			p.t.Fatal(err)
		}
	}
	if _, err := Fill(context.Background(), o); err != nil {
		p.t.Fatal(err)
	}
}

// database is an empty database in a running engine.
func database(t *rapid.T, w *Warehouse, name string) *clickhouse.Store {
	s, err := w.database(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *Warehouse) database(name string) (*clickhouse.Store, error) {
	return clickhouse.Open(context.Background(), clickhouse.Options{
		Addr: w.engine.Addr, HTTP: true, Database: name, User: w.engine.User, Password: func() (string, error) { return w.engine.Password, nil },
	})
}

// another is a connection to a database in the running engine.
func (w *Warehouse) another(t *testing.T, name string) *clickhouse.Store {
	t.Helper()
	s, err := w.database(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

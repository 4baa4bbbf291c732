package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/racetest"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/schemas/views"
	"github.com/claimlake/claimlake/transform"
)

// analysts are options with the built-in mappings and views.
func analysts(t testing.TB, lake string, w *Warehouse) Options {
	t.Helper()
	o := options(t, lake, w)
	mappings, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if o.Plan, err = transform.Compile(mappings); err != nil {
		t.Fatal(err)
	}
	list, err := views.ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		o.Views = append(o.Views, clickhouse.View{Name: v.Name, Comment: v.Description, SQL: v.SQL, Kept: v.Kept})
	}
	return o
}

// members draws resources of few patients who share group ids, coverages and claims with
// each other, and some of whose claims have no patient or another one than before.
type members struct {
	t   *rapid.T
	now int
}

func (m members) of(label string, n int) string {
	return fmt.Sprint(label, rapid.IntRange(1, n).Draw(m.t, label))
}

func (m members) day(label string) string {
	return epoch.AddDate(0, -rapid.IntRange(0, 3).Draw(m.t, label), 0).Format(time.DateOnly)
}

func (m members) line() string {
	meta := fmt.Sprintf(`"meta":{"lastUpdated":%q}`, at(m.now).Format(time.RFC3339))
	switch rapid.SampledFrom([]string{"eob", "eob", "eob", "claim", "coverage", "patient"}).Draw(m.t, "type") {
	case "claim":
		return fmt.Sprintf(`{"resourceType":"Claim","id":%q,%s,"status":"active","use":"claim","patient":{"reference":"Patient/%s"},"created":%q,"item":[{"sequence":1,"servicedDate":%q,"net":{"value":%d}}]}`,
			m.of("c", 3), meta, m.of("p", 4), m.day("made"), m.day("service"), rapid.IntRange(1, 3).Draw(m.t, "net"))
	case "coverage":
		return fmt.Sprintf(`{"resourceType":"Coverage","id":%q,%s,"status":"active","beneficiary":{"reference":"Patient/%s"},"period":{"start":%q},"payor":[{"display":%q}]}`,
			m.of("k", 3), meta, m.of("p", 4), m.day("start"), m.of("payer", 2))
	case "patient":
		return fmt.Sprintf(`{"resourceType":"Patient","id":%q,%s,"gender":%q,"birthDate":"1950-01-01"}`, m.of("p", 4), meta, m.of("g", 2))
	}
	return m.eob(meta)
}

func (m members) eob(meta string) string {
	var more []string
	if rapid.IntRange(0, 5).Draw(m.t, "has a patient") > 0 {
		more = append(more, fmt.Sprintf(`"patient":{"reference":"Patient/%s"}`, m.of("p", 4)))
	}
	if rapid.Bool().Draw(m.t, "in a group") {
		more = append(more, fmt.Sprintf(`"identifier":[{"system":"https://bluebutton.cms.gov/resources/identifier/claim-group","value":%q}]`, m.of("g", 3)))
	}
	if rapid.Bool().Draw(m.t, "replaces") {
		more = append(more, fmt.Sprintf(`"related":[{"claim":{"reference":"ExplanationOfBenefit/%s"},"relationship":{"coding":[{"code":"prior"}]}}]`, m.of("e", 6)))
	}
	paid := rapid.IntRange(-1, 2).Draw(m.t, "paid")
	return fmt.Sprintf(`{"resourceType":"ExplanationOfBenefit","id":%q,%s,"status":"active","use":"claim","outcome":"complete","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"created":%q,"billablePeriod":{"start":%q},"claim":{"reference":"Claim/%s"},"provider":{"identifier":{"value":%q}},"insurance":[{"focal":true,"coverage":{"reference":"Coverage/%s"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"code":"99213"}]},"adjudication":[{"category":{"coding":[{"code":"submitted"}]},"amount":{"value":%d,"currency":"USD"}},{"category":{"coding":[{"code":"benefit"}]},"amount":{"value":%d,"currency":"USD"}}]}],%s}`,
		m.of("e", 6), meta, m.day("made"), m.day("first day"), m.of("c", 3), m.of("n", 2), m.of("k", 3), 2*paid, paid, strings.Join(append(more, `"precedence":1`), ","))
}

func (m members) deletion() string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"ExplanationOfBenefit/%s"}}]}`, m.of("e", 6))
}

// sameViews compares all views of two databases, but for where rows were computed.
func sameViews(t rapid.TB, o Options, got, want *clickhouse.Store) {
	for _, v := range o.Views {
		a, b := sorted(t, got, "SELECT * FROM "+v.Name), sorted(t, want, "SELECT * FROM "+v.Name)
		if diff := cmp.Diff(b, a); diff != "" {
			t.Fatalf("%s (-computed whole +refreshed):\n%s", v.Name, diff)
		}
	}
}

func sorted(t rapid.TB, s *clickhouse.Store, sql string) []string {
	w := Warehouse{Store: s}
	rows, err := w.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []string
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// Whatever comes from two sources in several runs, the analysts' views show what they show
// where all of it was loaded at once: what a run does not touch is as it would be computed.
func TestKeptViewsAreThoseOfALoadOfEverything(t *testing.T) {
	racetest.Skip(t, "what is tested is SQL; other histories run under it")
	base := t.TempDir()
	w := warehouse(t, base)
	fewHistories(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		lake, err := os.MkdirTemp(base, "lake-")
		if err != nil {
			rt.Fatal(err)
		}
		o := analysts(t, lake, &Warehouse{Store: database(rt, w, filepath.Base(lake))})
		defer o.Warehouse.Close() //nolint:errcheck // only read
		m := members{t: rt}
		for m.now = 1; m.now <= rapid.IntRange(3, 6).Draw(rt, "runs"); m.now++ {
			var lines []string
			for range rapid.IntRange(1, 6).Draw(rt, "lines") {
				lines = append(lines, m.line())
			}
			paths := []string{write(t, filepath.Join(base, "lines.ndjson"), lines...)}
			if rapid.IntRange(0, 2).Draw(rt, "deletes") == 0 {
				paths = append(paths, write(t, filepath.Join(base, "deleted.ndjson"), m.deletion()))
			}
			day := o
			day.Source = m.of("source", 2)
			if _, err := flatten(t, day, paths...); err != nil {
				rt.Fatal(err)
			}
		}
		whole := o
		whole.Warehouse = database(rt, w, filepath.Base(lake)+"_whole")
		defer whole.Warehouse.Close() //nolint:errcheck // only read
		if _, err := Fill(context.Background(), whole); err != nil {
			rt.Fatal(err)
		}
		sameViews(rt, o, o.Warehouse, whole.Warehouse)
	})
}

// What is kept is what the views compute.
func TestKeptViewsAreTheComputedOnes(t *testing.T) {
	racetest.Skip(t, "what is tested is SQL")
	lake := t.TempDir()
	w := warehouse(t, lake)
	o := analysts(t, lake, w)
	gen := rapid.Custom(func(t *rapid.T) []string {
		var lines []string
		for n := range 60 {
			lines = append(lines, members{t: t, now: n}.line())
		}
		return lines
	})
	if _, err := flatten(t, o, write(t, filepath.Join(t.TempDir(), "lines.ndjson"), gen.Example(1)...)); err != nil {
		t.Fatal(err)
	}
	ask := func(sql string) string {
		t.Helper()
		var out bytes.Buffer
		if err := w.engine.Ask(t.Context(), sql, "TSV", w.name, &out); err != nil {
			t.Fatalf("%.200s: %v", sql, err)
		}
		lines := strings.Split(out.String(), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	kept, rows := 0, 0
	for _, v := range o.Views {
		if v.Kept == nil {
			continue
		}
		kept++
		got := ask("SELECT * FROM " + v.Name)
		rows += strings.Count(got, "\n")
		if diff := cmp.Diff(ask(v.SQL), got); diff != "" {
			t.Errorf("%s (-computed +kept):\n%s", v.Name, diff)
		}
		if how := ask("SELECT engine, position(create_table_query, '_kept_') > 0 FROM system.tables WHERE database = currentDatabase() AND name = '" + v.Name + "'"); !strings.Contains(how, "View\t1") {
			t.Errorf("%s is computed: %s", v.Name, how)
		}
	}
	if kept < 8 || rows < 40 {
		t.Errorf("%d views with %d rows", kept, rows)
	}
}

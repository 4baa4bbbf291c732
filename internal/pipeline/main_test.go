package pipeline

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/load/embedded"
	"github.com/claimlake/claimlake/transform"
)

// usualChecks are few: a history takes seconds. -rapid.checks asks for more.
const usualChecks = "5"

// The test binary is also the embedded engine's process.
func TestMain(m *testing.M) {
	embedded.Child()
	if err := flag.Set("rapid.checks", usualChecks); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// quiet is an Observer that says nothing.
type quiet struct{}

func (quiet) Step(string)               {}
func (quiet) Begin(File)                {}
func (quiet) Read(string, int64, int64) {}
func (quiet) End(string)                {}

const mapping = `
resource: Claim
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: total, path: total.value, type: "decimal(18,4)", description: Total}
  - name: claim_item
    description: One row per line.
    rows: item
    key: [claim_id, position]
    columns:
      - {name: claim_id, path: $.id, type: id, description: The claim}
      - {name: position, path: "@position", type: integer, description: Place in the claim}
      - {name: net, path: net.value, type: "decimal(18,4)", description: Net}
`

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func plan(t testing.TB) *transform.Plan { return planOf(t, mapping) }

// planOf is the plan of one mapping.
func planOf(t testing.TB, mapping string) *transform.Plan {
	t.Helper()
	m, err := transform.ParseMapping("claim.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	p, err := transform.Compile([]*transform.Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// claimLine is a claim with a line for each of nets.
func claimLine(id, updated string, nets ...string) string {
	var items []string
	for _, n := range nets {
		items = append(items, fmt.Sprintf(`{"net":{"value":%s}}`, n))
	}
	return fmt.Sprintf(`{"resourceType":"Claim","id":%q,"meta":{"lastUpdated":%q},"total":{"value":1.10},"item":[%s]}`, id, updated, strings.Join(items, ","))
}

func write(t testing.TB, path string, lines ...string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func options(t testing.TB, lake string, w *Warehouse) Options {
	o := Options{Lake: lake, Source: "local", Kind: "flatten", Plan: plan(t), Workers: 2, Observer: quiet{}, Log: slog.New(slog.DiscardHandler)}
	if w != nil {
		o.Warehouse = w.Store
	}
	return o
}

// flatten loads local files.
func flatten(t testing.TB, o Options, paths ...string) (Report, error) {
	t.Helper()
	files, err := OpenLocal(paths, nil, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return Run(context.Background(), o, files)
}

// warehouse starts a real ClickHouse for the lake.
func warehouse(t testing.TB, lake string) *Warehouse {
	t.Helper()
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	w, err := OpenWarehouse(context.Background(), config.Default().Warehouse, lake)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// item is a row of claim_item, as readers of the lake see it.
type item struct {
	ID       string `parquet:"claim_id"`
	Position int32  `parquet:"position"`
	Net      *int64 `parquet:"net,optional,decimal(4:18)"` // in 1/10,000
}

// items reads the lake's current claim lines as "id|position|net".
func items(t testing.TB, lake string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(lake, "current", "claim_item", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		rows, err := pq.ReadFile[item](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			net := "NULL"
			if r.Net != nil {
				net = fmt.Sprintf("%d.%04d", *r.Net/10000, *r.Net%10000)
			}
			out = append(out, fmt.Sprintf("%s|%d|%s", r.ID, r.Position, net))
		}
	}
	slices.Sort(out)
	return out
}

// stored reads the same from ClickHouse.
func (w *Warehouse) stored(t testing.TB) []string {
	t.Helper()
	return w.rows(t, "SELECT claim_id, position, net FROM claim_item")
}

// rows are the rows of an answer, sorted, their values between bars.
func (w *Warehouse) rows(t testing.TB, sql string) []string {
	t.Helper()
	rows, err := w.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, v := range values {
			if v.Null {
				v.Text = "NULL"
			}
			texts = append(texts, v.Text)
		}
		out = append(out, strings.Join(texts, "|"))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// fewHistories draws fewer histories than usual, unless many are asked for.
func fewHistories(t *testing.T, checks int) {
	f := flag.Lookup("rapid.checks")
	if usual := f.Value.String(); usual == usualChecks {
		if err := f.Value.Set(fmt.Sprint(checks)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(usual) })
	}
}

package schemas

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

// children says which elements of a claim or explanation of benefit are the rows of
// which child table.
var children = map[string][]string{
	"item":                      {"item", "item.detail", "item.detail.subDetail"},
	"item_adjudication":         {"item.adjudication", "item.detail.adjudication", "item.detail.subDetail.adjudication"},
	"item_extension":            {"item.extension", "item.detail.extension", "item.detail.subDetail.extension"},
	"add_item":                  {"addItem", "addItem.detail", "addItem.detail.subDetail"},
	"add_item_adjudication":     {"addItem.adjudication", "addItem.detail.adjudication", "addItem.detail.subDetail.adjudication"},
	"adjudication":              {"adjudication"},
	"total":                     {"total"},
	"diagnosis":                 {"diagnosis"},
	"procedure":                 {"procedure"},
	"care_team":                 {"careTeam"},
	"supporting_info":           {"supportingInfo", "information"},
	"insurance":                 {"insurance"},
	"related":                   {"related"},
	"identifier":                {"identifier"},
	"extension":                 {"extension"},
	"contained":                 {"contained"},
	"process_note":              {"processNote"},
	"benefit_balance":           {"benefitBalance"},
	"benefit_balance_financial": {"benefitBalance.financial"},
}

// tally is what a folder has, by table: rows, and the sum of the column amount.
type tally struct {
	rows map[string]int
	sums map[string]*big.Rat
}

func newTally() tally { return tally{rows: map[string]int{}, sums: map[string]*big.Rat{}} }

func (t tally) add(name, amount string) {
	t.rows[name]++
	if t.sums[name] == nil {
		t.sums[name] = new(big.Rat)
	}
	if r, ok := new(big.Rat).SetString(amount); ok {
		t.sums[name].Add(t.sums[name], r)
	}
}

// Every element of an array is a row, and no amount is lost or changed: counted with
// encoding/json in claims of testdata, and in those of the folder that the
// environment variable CLAIMLAKE_SAMPLES names, whatever is there.
func TestRowsAndAmountsEqualJSON(t *testing.T) {
	folders := []string{"../testdata/claims"}
	if more := os.Getenv("CLAIMLAKE_SAMPLES"); more != "" {
		folders = append(folders, more)
	}
	plan := builtinPlan(t)
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			for _, file := range ndjson(t, folder) {
				compare(t, plan, file)
			}
		})
	}
}

func ndjson(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".ndjson") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no NDJSON: %v", err)
	}
	return files
}

func compare(t *testing.T, plan *transform.Plan, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, got := newTally(), newTally()
	for line := range bytes.Lines(data) {
		want.resource(t, line)
	}
	r, err := plan.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{First: 1, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for _, b := range r.Batches {
		got.batch(t, b)
	}
	got.equals(t, file, want)
	if len(r.Rejects) > 0 {
		t.Errorf("%s: rejected lines: %v", file, r.Rejects)
	}
	for _, v := range r.Counts {
		if v.Column == lineage.Version { // BFD's lastUpdated is a word
			continue
		}
		if v.Reason != transform.ValueNotDate && v.Reason != transform.ValueRounded { // "IGNORED_FIELD" in recorded responses of CMS; floats of Synthea
			t.Errorf("%s: %d values of %s.%s: %s", file, v.Count, v.Table, v.Column, v.Reason)
		}
	}
}

// resource tallies one line.
func (t tally) resource(tt *testing.T, line []byte) {
	tt.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var resource map[string]any
	if err := d.Decode(&resource); err != nil {
		tt.Fatal(err)
	}
	root := map[any]string{"Claim": "claim", "ExplanationOfBenefit": "explanation_of_benefit"}[resource["resourceType"]]
	if root == "" {
		return
	}
	t.add(root, "")
	for name, paths := range children {
		for _, path := range paths {
			for _, element := range elements([]map[string]any{resource}, path) {
				t.add(root+"_"+name, amountOf(element))
			}
		}
	}
}

// elements gives the objects at a path of keys, in arrays or single.
func elements(at []map[string]any, path string) (found []map[string]any) {
	key, rest, more := strings.Cut(path, ".")
	for _, o := range at {
		list, ok := o[key].([]any)
		if !ok {
			list = []any{o[key]}
		}
		for _, v := range list {
			if child, ok := v.(map[string]any); ok {
				found = append(found, child)
			}
		}
	}
	if more {
		return elements(found, rest)
	}
	return found
}

func amountOf(element map[string]any) string {
	amount, _ := element["amount"].(map[string]any)
	value, _ := amount["value"].(json.Number)
	return value.String()
}

func (t tally) batch(tt *testing.T, b arrow.Record) {
	tt.Helper()
	tb, err := table.Of(b.Schema())
	if err != nil {
		tt.Fatal(err)
	}
	amounts := b.Schema().FieldIndices("amount")
	for i := range int(b.NumRows()) {
		amount := ""
		if len(amounts) > 0 && b.Column(amounts[0]).IsValid(i) {
			column := b.Column(amounts[0]).(*array.Decimal128)
			amount = column.Value(i).ToString(column.DataType().(*arrow.Decimal128Type).Scale)
		}
		t.add(tb.Name, amount)
	}
}

// equals compares the tables of claims and explanations of benefit.
func (t tally) equals(tt *testing.T, file string, want tally) {
	tt.Helper()
	names := slices.Collect(maps.Keys(t.rows))
	for _, name := range slices.AppendSeq(names, maps.Keys(want.rows)) {
		if !strings.HasPrefix(name, "claim") && !strings.HasPrefix(name, "explanation_of_benefit") || name == "claim_total" {
			continue // Claim.total is a column
		}
		if t.rows[name] != want.rows[name] {
			tt.Errorf("%s: %s has %d rows, the JSON has %d", file, name, t.rows[name], want.rows[name])
		} else if t.sums[name].Cmp(want.sums[name]) != 0 {
			tt.Errorf("%s: the amounts of %s are %s, in the JSON %s", file, name, t.sums[name].FloatString(18), want.sums[name].FloatString(18))
		}
	}
}

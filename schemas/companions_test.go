package schemas_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

var updateCompanions = flag.Bool("update-companions", false, "write what the companions' mappings give as the golden files")

// companions are the mappings of the resources that accompany a claim: who is
// insured, with whom, and what was done.
func companions() []string {
	return []string{
		"patient", "coverage", "encounter", "procedure", "observation", "condition", "medication_request",
		"practitioner", "practitioner_role", "organization", "location",
	}
}

// companionMappings reads the mappings of companions.
func companionMappings(t *testing.T) []*transform.Mapping {
	t.Helper()
	var mappings []*transform.Mapping
	for _, name := range companions() {
		file := name + ".yaml"
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := transform.ParseMapping(file, src)
		if err != nil {
			t.Fatal(err)
		}
		mappings = append(mappings, m)
	}
	return mappings
}

func companionPlan(t *testing.T) *transform.Plan {
	t.Helper()
	p, err := transform.Compile(companionMappings(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The scan alone reads all columns: none is left to the slower gjson.
func TestCompanionsNeedNoFallback(t *testing.T) {
	for _, f := range companionPlan(t).Explain() {
		t.Errorf("%s.%s: gjson evaluates %s", f.Table, f.Column, f.Rest)
	}
}

// An analyst joins on the ids that a table's name promises.
func TestCompanionsKeys(t *testing.T) {
	for _, s := range companionPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if want := tb.Root + "_id"; !tb.IsRoot() && tb.Key[0] != want {
			t.Errorf("%s: the key begins with %s, want %s", tb.Name, tb.Key[0], want)
		}
		if tb.IsRoot() && strings.Join(tb.Key, ",") != "id" {
			t.Errorf("%s: key %v, want id", tb.Name, tb.Key)
		}
		if !tb.IsRoot() && !strings.HasPrefix(tb.Name, tb.Root+"_") {
			t.Errorf("%s is no name for a table of %s", tb.Name, tb.Root)
		}
	}
}

// Each column has one line that says what it is.
func TestCompanionsDescriptions(t *testing.T) {
	for _, s := range companionPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Fields() {
			if d := table.ColumnDescription(f); d == "" || strings.ContainsAny(d, "\n") || strings.HasSuffix(d, ".") {
				t.Errorf("%s.%s: description %q is not one line without a full stop", tb.Name, f.Name, d)
			}
		}
	}
}

// The rows of testdata/companions/NAME.ndjson are those of NAME.txt.
func TestCompanionsGolden(t *testing.T) {
	p := companionPlan(t)
	for _, name := range companions() {
		t.Run(name, func(t *testing.T) {
			base := filepath.Join("testdata", "companions", name)
			lines, err := os.ReadFile(base + ".ndjson")
			if err != nil {
				t.Fatal(err)
			}
			got := companionRows(t, p, lines)
			if *updateCompanions {
				if err := os.WriteFile(base+".txt", []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(base + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// companionRows flattens lines and writes the rows, and the values that did not
// fit their column.
func companionRows(t *testing.T, p *transform.Plan, lines []byte) string {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	origin := lineage.Origin{Source: "payer", RunID: "run-1", FileID: "file-1", RetrievedAt: time.Unix(10, 0).UTC(), TransactionTime: time.Unix(20, 0).UTC()}
	r, err := p.NewFlattener(mem).Flatten(lineage.Page{Origin: origin, First: 1, Data: lines})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Rejects) > 0 {
		t.Fatalf("lines were rejected: %v", r.Rejects)
	}
	var b strings.Builder
	for _, batch := range r.Batches {
		writeCompanionRows(&b, batch)
	}
	for _, v := range r.Values {
		fmt.Fprintf(&b, "line %d: %s.%s: %s\n", v.Line, v.Table, v.Column, v.Reason)
	}
	return b.String()
}

// writeCompanionRows writes what is not null, a line per value.
func writeCompanionRows(b *strings.Builder, batch arrow.Record) {
	name, _ := batch.Schema().Metadata().GetValue("claimlake.table")
	columns := batch.Columns()[:int(batch.NumCols())-len(lineage.Fields())]
	for row := range int(batch.NumRows()) {
		fmt.Fprintf(b, "%s\n", name)
		for i, c := range columns {
			if !c.IsNull(row) {
				fmt.Fprintf(b, "    %s: %s\n", batch.ColumnName(i), c.ValueStr(row))
			}
		}
	}
}

package schemas

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// companions are the main tables of the resources that accompany a claim: who
// is insured, with whom, and what was done.
func companions() []string {
	return []string{
		"patient", "coverage", "encounter", "procedure", "observation", "condition", "medication_request",
		"practitioner", "practitioner_role", "organization", "location",
	}
}

// companionTables gives the schemas of the tables of companions, by name.
func companionTables(t *testing.T) map[string]*arrow.Schema {
	t.Helper()
	schemas := map[string]*arrow.Schema{}
	for _, s := range builtinPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(companions(), tb.Root) {
			schemas[tb.Name] = s
		}
	}
	return schemas
}

// An analyst joins on the ids that a table's name promises, with patient wherever
// the resource has one, and each column has one line that says what it is.
func TestCompanionsTables(t *testing.T) {
	schemas := companionTables(t)
	for name, s := range schemas {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if want := tb.Root + "_id"; !tb.IsRoot() && (tb.Key[0] != want || !strings.HasPrefix(name, tb.Root+"_")) {
			t.Errorf("%s: the key begins with %s, want %s and a name that begins with %s", name, tb.Key[0], want, tb.Root)
		}
		if tb.IsRoot() && strings.Join(tb.Key, ",") != "id" {
			t.Errorf("%s: key %v, want id", name, tb.Key)
		}
		if schemas[tb.Root].HasField("patient_id") && !s.HasField("patient_id") {
			t.Errorf("%s has no patient_id", name)
		}
		for _, f := range s.Fields() {
			if d := table.ColumnDescription(f); d == "" || strings.Contains(d, "\n") || strings.HasSuffix(d, ".") {
				t.Errorf("%s.%s: description %q is not one line without a full stop", name, f.Name, d)
			}
		}
	}
}

// The rows of testdata/companions/NAME.ndjson are those of NAME.txt.
func TestCompanionsGolden(t *testing.T) {
	p := builtinPlan(t)
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
		noRepeatedKeys(t, batch)
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

// noRepeatedKeys checks that the key of the table tells its rows apart.
func noRepeatedKeys(t *testing.T, batch arrow.Record) {
	t.Helper()
	tb, err := table.Of(batch.Schema())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for row := range int(batch.NumRows()) {
		var key []string
		for _, name := range tb.Key {
			key = append(key, batch.Column(batch.Schema().FieldIndices(name)[0]).ValueStr(row))
		}
		if k := strings.Join(key, "|"); seen[k] {
			t.Errorf("%s has two rows with the key %s", tb.Name, k)
		} else {
			seen[k] = true
		}
	}
}

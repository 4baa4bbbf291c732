package schemas

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

var update = flag.Bool("update", false, "write what the mappings give as the golden files")

func TestClaimsGolden(t *testing.T) {
	for _, name := range []string{"explanation_of_benefit", "claim"} {
		t.Run(name, func(t *testing.T) { checkGolden(t, filepath.Join("..", "testdata", "claims", name)) })
	}
}

// checkGolden compares the rows of the resources in base.ndjson with base.txt.
func checkGolden(t *testing.T, base string) {
	t.Helper()
	lines, err := os.ReadFile(base + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	got := goldenText(t, builtinPlan(t), lines)
	if *update {
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
}

// goldenText flattens lines and writes the rows, and the values that did not fit
// their column.
func goldenText(t *testing.T, p *transform.Plan, lines []byte) string {
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
		writeRows(t, &b, batch)
	}
	for _, v := range r.Values {
		fmt.Fprintf(&b, "line %d: %s.%s: %s\n", v.Line, v.Table, v.Column, v.Reason)
	}
	return b.String()
}

// writeRows writes what is not null, a line per value.
func writeRows(t *testing.T, b *strings.Builder, batch arrow.Record) {
	t.Helper()
	tb, err := table.Of(batch.Schema())
	if err != nil {
		t.Fatal(err)
	}
	columns := batch.Columns()[:int(batch.NumCols())-len(lineage.Fields())]
	for row := range int(batch.NumRows()) {
		fmt.Fprintf(b, "%s\n", tb.Name)
		for i, c := range columns {
			if !c.IsNull(row) {
				fmt.Fprintf(b, "    %s: %s\n", batch.ColumnName(i), c.ValueStr(row))
			}
		}
	}
}

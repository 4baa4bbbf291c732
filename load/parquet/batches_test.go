package parquet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

func everyRun(string) bool { return true }

// batchTexts reads a part as batches and gives each row as text, without the lineage.
func batchTexts(t rapid.TB, l *Lake, part ShownPart, s *arrow.Schema, columns int) (rows []string) {
	t.Helper()
	must(t, l.Batches(context.Background(), part, s, everyRun, func(rec arrow.Record) error {
		rows = append(rows, recordTexts(rec, columns)...)
		return nil
	}))
	return rows
}

// recordTexts gives the first columns of each row as text.
func recordTexts(rec arrow.Record, columns int) (rows []string) {
	for i := range int(rec.NumRows()) {
		var row []string
		for _, c := range rec.Columns()[:columns] {
			row = append(row, cellText(c, i))
		}
		rows = append(rows, strings.Join(row, "|"))
	}
	return rows
}

func cellText(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "null"
	}
	switch a := a.(type) {
	case *array.Dictionary:
		return a.Dictionary().(*array.String).Value(a.GetValueIndex(i))
	case *array.Decimal128:
		return a.Value(i).BigInt().String()
	case *array.Date32:
		return fmt.Sprint(int32(a.Value(i)))
	case *array.Timestamp:
		return fmt.Sprint(int64(a.Value(i)))
	case *array.List:
		from, to := a.ValueOffsets(i)
		var out []string
		for ; from < to; from++ {
			out = append(out, cellText(a.ListValues(), int(from)))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	return a.ValueStr(i)
}

// A mapping may have gained columns since a part was written, and lost some.
func TestPartsOfAnOlderMappingAreReadBack(t *testing.T) {
	old := everyType()
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{old})
	must(t, err)
	w := run.NewWriter()
	var want []string
	rec := buildBatch(t, old, func(b *array.RecordBuilder) {
		want = fillEveryType(t, b, shape{rows: 20_000, kinds: 50, nulls: 2, repeats: 2}, rand.New(rand.NewPCG(1, 1)))
	})
	must(t, w.Write(rec))
	rec.Release()
	parts, err := w.Flush()
	must(t, err)
	part := ShownPart{Table: "claim", Path: parts[0].Path, sum: parts[0].SHA256}

	added := []arrow.Field{old.Field(0)}
	for i, f := range old.Fields()[1:13] {
		added = append(added, table.Field(fmt.Sprint("new_", i), f.Type, true, "", "", ""))
	}
	added = append(added, old.Field(10))
	got := batchTexts(t, l, part, schema("claim", []string{"id"}, added...), 14)
	for i := range want {
		was := strings.Split(want[i], "|")
		want[i] = was[0] + strings.Repeat("|null", 12) + "|" + was[10]
	}
	equalRows(t, want, got)

	for name, f := range map[string]arrow.Field{
		"another type":             table.Field("status", arrow.PrimitiveTypes.Int64, true, "", "", ""),
		"a new one that has to be": table.Field("must", arrow.PrimitiveTypes.Int64, false, "", "", ""),
	} {
		err := l.Batches(context.Background(), part, schema("claim", []string{"id"}, old.Field(0), f), everyRun, func(arrow.Record) error { return nil })
		if !errors.Is(err, ErrSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	part.sum = parts[0].SHA256[1:] + "0"
	if err := l.Batches(context.Background(), part, old, everyRun, func(arrow.Record) error { return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("other bytes than were written: %v", err)
	}
}

// What readers see is read back run by run, tombstones too.
func TestRunsAreReadBack(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	l.small = smallFiles{count: 2, bytes: 1 << 20} // parts of several runs
	promote := func(number uint32, claims ...claim) {
		run, err := l.Begin(fmt.Sprint("run-", number), number, testClaims)
		must(t, err)
		_, err = run.Promote(context.Background(), write(t, run, claims, func() bool { return false }))
		must(t, err)
	}
	c := func(id string, version int, items ...int32) claim {
		return claim{source: "payer-a", id: id, version: version, note: fmt.Sprint(id, version), items: items}
	}
	promote(1, c("1", 1, 1, 2), c("2", 1, 1), c("3", 1, 1))
	promote(2, c("1", 2, 1), claim{source: "payer-a", id: "2", version: 2, deleted: true})
	promote(3, c("4", 1, 5, 6))
	for _, tc := range []struct {
		runs []string
		want []string
	}{
		{[]string{"run-1"}, []string{"claim 3", "claim_item 3"}},
		{[]string{"run-2"}, []string{"claim 1", "claim 2 deleted", "claim_item 1"}},
		{[]string{"run-1", "run-3"}, []string{"claim 3", "claim 4", "claim_item 3", "claim_item 4", "claim_item 4"}},
		{nil, nil},
	} {
		if got := shownRows(t, l, tc.runs); !slices.Equal(got, tc.want) {
			t.Errorf("runs %v: %v, want %v", tc.runs, got, tc.want)
		}
	}
}

// shownRows are the rows that readers see of some runs, and their tombstones.
func shownRows(t *testing.T, l *Lake, runs []string) (rows []string) {
	t.Helper()
	parts, err := l.ShownParts()
	must(t, err)
	for _, p := range parts {
		s := testClaims[slices.IndexFunc(testClaims, func(s *arrow.Schema) bool { return describe(t, s).Name == p.Table })]
		must(t, l.Batches(context.Background(), p, s, func(run string) bool { return slices.Contains(runs, run) }, func(rec arrow.Record) error {
			at := func(column string, i int) string { return cellText(rec.Column(s.FieldIndices(column)[0]), i) }
			for i := range int(rec.NumRows()) {
				row := p.Table + " " + cellText(rec.Column(0), i)
				if at(lineage.Deleted, i) == "true" {
					row += " deleted"
				}
				if at(lineage.RunID, i) != at(lineage.RunID, 0) {
					t.Error("a batch has rows of two runs")
				}
				rows = append(rows, row)
			}
			return nil
		}))
	}
	slices.Sort(rows)
	return rows
}

func describe(t *testing.T, s *arrow.Schema) table.Table {
	t.Helper()
	d, err := table.Of(s)
	must(t, err)
	return d
}

// Codes of several dictionaries, with nulls after others, are joined.
func TestCodesAreJoined(t *testing.T) {
	var pieces []arrow.Array
	var want []string
	for _, codes := range [][]string{{"a", "b", "b", "b", "b"}, {"c", "b", "b", "b", "b", "", "", "c"}, {"", "d"}} {
		b := array.NewDictionaryBuilder(memory.DefaultAllocator, code32).(*array.BinaryDictionaryBuilder)
		for _, c := range codes {
			if c == "" {
				b.AppendNull()
				want = append(want, "null")
				continue
			}
			must(t, b.AppendString(c))
			want = append(want, c)
		}
		pieces = append(pieces, b.NewArray())
	}
	a, err := joined(pieces)
	must(t, err)
	var got []string
	for i := range a.Len() {
		got = append(got, cellText(a, i))
	}
	equalRows(t, want, got)
}

package parquet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	pq "github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/table"
)

// everyType has a column of each type, most of them nullable.
func everyType() *arrow.Schema {
	f := func(name, kind string, t arrow.DataType) arrow.Field {
		return table.Field(name, t, true, kind, name, "The "+name)
	}
	return schema("claim", []string{"id"},
		table.Field("id", arrow.BinaryTypes.String, false, "id", "id", "The id"),
		f("status", "code", code32),
		f("patient_id", "reference", arrow.BinaryTypes.String),
		f("raw", "json", arrow.BinaryTypes.String),
		f("complete", "boolean", arrow.FixedWidthTypes.Boolean),
		f("sequence", "integer", arrow.PrimitiveTypes.Int32),
		f("count", "int64", arrow.PrimitiveTypes.Int64),
		f("serviced", "date", arrow.PrimitiveTypes.Date32),
		f("created", "dateTime", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}),
		f("paid", "decimal(18,4)", &arrow.Decimal128Type{Precision: 18, Scale: 4}),
		f("total", "decimal(38,2)", &arrow.Decimal128Type{Precision: 38, Scale: 2}),
		f("diagnosis_sequence", "list(integer)", arrow.ListOf(arrow.PrimitiveTypes.Int32)),
		f("modifier", "list(code)", arrow.ListOf(arrow.BinaryTypes.String)),
	)
}

// shape says what values the columns of a batch have.
type shape struct {
	rows    int
	kinds   int // of distinct values
	nulls   int // of ten values
	repeats int // rows with the same values
}

// fillEveryType fills all columns but the lineage with values of a shape, and
// gives each row as text.
func fillEveryType(t rapid.TB, b *array.RecordBuilder, s shape, r *rand.Rand) (rows []string) {
	t.Helper()
	var n int
	var null func() bool
	for i := range s.rows {
		if i%s.repeats == 0 {
			n = r.IntN(s.kinds)
		}
		seed := uint64(n)
		null = func() bool { seed = seed*6364136223846793005 + 1; return int(seed>>33%10) < s.nulls }
		var row []string
		set := func(column int, value func(array.Builder) string) {
			if column > 0 && null() {
				b.Field(column).AppendNull()
				row = append(row, "null")
				return
			}
			row = append(row, value(b.Field(column)))
		}
		for c := range 13 {
			set(c, func(f array.Builder) string { return fillValue(t, f, c, n) })
		}
		addLineage(t, b, place{source: "payer-a", run: "run-1", line: int64(i/3 + 1), hash: uint64(n) * 11400714819323198485, version: time.UnixMicro(int64(n) * 1e9)})
		rows = append(rows, strings.Join(row, "|"))
	}
	return rows
}

// fillValue appends the nth value of a column and gives it as text.
func fillValue(t rapid.TB, b array.Builder, column, n int) string {
	switch b := b.(type) {
	case *array.BinaryDictionaryBuilder:
		s := fmt.Sprint("code-", n%300)
		must(t, b.AppendString(s))
		return s
	case *array.StringBuilder:
		s := strings.Repeat("é", n%5*column*2) + fmt.Sprint(column, "-", n)
		if column == 3 {
			s = `{"text":"` + s + `"}`
		}
		b.Append(s)
		return s
	case *array.BooleanBuilder:
		b.Append(n%3 == 0)
		return fmt.Sprint(n%3 == 0)
	case *array.Int32Builder:
		b.Append(int32(n*7919) - 1000)
		return fmt.Sprint(int32(n*7919) - 1000)
	case *array.Int64Builder:
		b.Append(int64(n)*-1e12 + 5)
		return fmt.Sprint(int64(n)*-1e12 + 5)
	case *array.Date32Builder:
		b.Append(arrow.Date32(n%40000 - 500))
		return fmt.Sprint(n%40000 - 500)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(int64(n)*1e9 - 1))
		return fmt.Sprint(int64(n)*1e9 - 1)
	case *array.Decimal128Builder:
		d := decimal128.FromI64(int64(n)*31 - 40)
		if column == 10 {
			d = d.Mul(decimal128.FromI64(1e17)).Mul(decimal128.FromI64(100))
		}
		b.Append(d)
		return d.BigInt().String()
	case *array.ListBuilder:
		b.Append(true)
		var out []string
		for i := range n % 4 {
			out = append(out, fillValue(t, b.ValueBuilder(), column, n+i))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	t.Fatalf("no value for %s", b.Type())
	return ""
}

// openPart opens a part, which is closed once nobody refers to it.
func openPart(t rapid.TB, path string) *partFile {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	p := &partFile{file: f}
	must(t, p.read())
	return p
}

// readRows reads a part with parquet-go, all columns but the lineage, and gives
// each row as text.
func readRows(t rapid.TB, path string, columns int) (rows []string) {
	t.Helper()
	f := openPart(t, path)
	for _, g := range f.parts.RowGroups() {
		group := make([][]string, g.NumRows())
		leaves := g.Schema().Columns()
		for i, c := range g.ColumnChunks()[:columns] {
			readColumnTexts(t, group, c, len(leaves[i]) > 1)
		}
		for _, row := range group {
			rows = append(rows, strings.Join(row, "|"))
		}
	}
	return rows
}

// readColumnTexts appends the texts of a column to the rows of a group.
func readColumnTexts(t rapid.TB, group [][]string, c pq.ColumnChunk, list bool) {
	row := -1
	must(t, eachValue(c, func(v pq.Value) {
		if v.RepetitionLevel() == 0 {
			row++
			group[row] = append(group[row], "")
		}
		cell := &group[row][len(group[row])-1]
		switch {
		case !list:
			*cell = textOf(v)
		case v.DefinitionLevel() == 0:
			*cell = "null"
		case v.DefinitionLevel() == 1:
			*cell = "[]"
		case v.RepetitionLevel() == 0:
			*cell = "[" + textOf(v) + "]"
		default:
			*cell = strings.TrimSuffix(*cell, "]") + "," + textOf(v) + "]"
		}
	}))
}

func textOf(v pq.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Kind() == pq.FixedLenByteArray:
		return decimalOf(v.ByteArray()).BigInt().String()
	case v.Kind() == pq.ByteArray:
		return string(v.ByteArray())
	}
	return v.String()
}

// What is written is what is read: any mixture of nulls, repetitions and
// distinct values, in batches, pages, row groups and parts of any size, written
// once and copied once.
func TestWhatIsWrittenIsRead(t *testing.T) {
	s := everyType()
	l, err := Open(t.TempDir())
	must(t, err)
	number := uint32(0)
	rapid.Check(t, func(rt *rapid.T) {
		number++
		run, err := l.Begin(fmt.Sprint("run-", number), number, []*arrow.Schema{s})
		must(rt, err)
		w := run.NewWriter()
		var want []string
		for range rapid.IntRange(1, 3).Draw(rt, "batches") {
			shape := shape{
				rows:    rapid.SampledFrom([]int{1, 7, 7, 100, 100, 1500, 4097}).Draw(rt, "rows"),
				kinds:   rapid.SampledFrom([]int{1, 2, 700, 1 << 20}).Draw(rt, "kinds"),
				nulls:   rapid.SampledFrom([]int{0, 1, 5, 10}).Draw(rt, "nulls"),
				repeats: rapid.SampledFrom([]int{1, 3, 500}).Draw(rt, "repeats"),
			}
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
			rec := buildBatch(rt, s, func(b *array.RecordBuilder) { want = append(want, fillEveryType(rt, b, shape, r)...) })
			must(rt, w.Write(rec))
			rec.Release()
			switch rapid.SampledFrom([]string{"", "page", "pages", "row group"}).Draw(rt, "end") {
			case "page":
				for _, c := range w.order[0].chunks {
					must(rt, c.endPage())
				}
			case "pages":
				must(rt, w.order[0].shrink())
			case "row group":
				must(rt, w.endGroup(w.order[0]))
			}
		}
		parts, err := w.Flush()
		must(rt, err)
		path := l.abs(parts[0].Path)
		equalRows(rt, want, readRows(rt, path, 13))
		equalRows(rt, want, batchTexts(rt, l, ShownPart{Table: "claim", Path: parts[0].Path}, s, 13))

		f := openPart(rt, path)
		var keep [][]bool
		for _, g := range f.parts.RowGroups() {
			keep = append(keep, make([]bool, g.NumRows()))
		}
		var kept []string
		every, row := rapid.SampledFrom([]int{1, 2, 3, 20, 1000}).Draw(rt, "every"), 0
		few := rapid.Bool().Draw(rt, "keep few")
		for _, flags := range keep {
			for i := range flags {
				if flags[i] = (row%every == 0) == few; flags[i] {
					kept = append(kept, want[row])
				}
				row++
			}
		}
		copied := filepath.Join(t.TempDir(), "copy.parquet")
		_, err = f.rewrite(copied, keep)
		must(rt, err)
		if len(kept) == 0 {
			return // there is no file
		}
		equalRows(rt, kept, readRows(rt, copied, 13))
	})
}

func equalRows(t rapid.TB, want, got []string) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("row %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

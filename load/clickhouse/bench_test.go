package clickhouse

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/claimlake/claimlake/internal/table"
)

// adjudications is a child table as wide as a real one, without its lineage.
func adjudications() *arrow.Schema {
	money := &arrow.Decimal128Type{Precision: 18, Scale: 4}
	f := func(name string, t arrow.DataType) arrow.Field { return table.Field(name, t, true, "", name, name) }
	return schema("claim_item", []string{"claim_id", "position"},
		table.Field("claim_id", arrow.BinaryTypes.String, false, "id", "$.id", "The claim"),
		table.Field("position", arrow.PrimitiveTypes.Int32, false, "integer", "@position", "Place in the claim"),
		f("patient_id", arrow.BinaryTypes.String), f("product_code", code32), f("product_system", code32), f("revenue_code", code32),
		f("serviced", arrow.FixedWidthTypes.Date32), f("submitted", money), f("allowed", money), f("paid", money), f("note", code32))
}

// fillAdjudications makes claims [from, from+claims) of ten lines each.
func fillAdjudications(b testing.TB, rb *array.RecordBuilder, from, claims int, version int) {
	for c := from; c < from+claims; c++ {
		id := fmt.Sprintf("%08x-7c1e-4b1d-9d7e-%012x", uint32(c)*2654435761, c)
		o := origin{source: "payer-a", run: "r", line: int64(c), hash: uint64(c) * 11400714819323198485, version: time.Date(2024, 1, 1, 0, version, c%3600, 0, time.UTC)}
		for p := range 10 {
			rb.Field(0).(*array.StringBuilder).Append(id)
			rb.Field(1).(*array.Int32Builder).Append(int32(p + 1))
			rb.Field(2).(*array.StringBuilder).Append(fmt.Sprint("patient-", c%50000))
			for i, v := range []string{fmt.Sprint(99201 + (c*7+p*13)%900), "http://www.ama-assn.org/go/cpt", fmt.Sprint(100 + (c+p)%80)} {
				must(b, rb.Field(3+i).(*array.BinaryDictionaryBuilder).AppendString(v))
			}
			rb.Field(6).(*array.Date32Builder).Append(arrow.Date32(19000 + c%700))
			for i := range 3 {
				rb.Field(7 + i).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(c*31+p*17+i) % 90000000))
			}
			rb.Field(10).AppendNull()
			addLineage(b, rb, o)
		}
	}
}

// BenchmarkLoad inserts batches of 50,000 rows into the embedded engine.
func BenchmarkLoad(b *testing.B) {
	ctx, s := context.Background(), store(b)
	schemas := []*arrow.Schema{testClaims[0], adjudications()}
	must(b, s.Migrate(ctx, schemas))
	run, err := s.Begin(ctx, "r", 1, schemas)
	must(b, err)
	rec := build(b, schemas[1], func(rb *array.RecordBuilder) { fillAdjudications(b, rb, 0, 5000, 1) })
	defer rec.Release()
	w := run.NewWriter()
	rows := 0
	for b.Loop() {
		must(b, w.Write(ctx, rec))
		rows += int(rec.NumRows())
	}
	must(b, w.Flush(ctx))
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkEncode is the same without the engine.
func BenchmarkEncode(b *testing.B) {
	l, err := layoutOf(adjudications())
	must(b, err)
	rec := build(b, l.schema, func(rb *array.RecordBuilder) { fillAdjudications(b, rb, 0, 5000, 1) })
	defer rec.Release()
	rows := 0
	for b.Loop() {
		block, err := newBlock(l, 1)
		must(b, err)
		must(b, block.add(rec))
		rows += int(rec.NumRows())
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

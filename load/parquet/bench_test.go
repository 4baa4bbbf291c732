package parquet

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/claimlake/claimlake/internal/table"
)

// eobItems is a table as wide as that of an EOB's lines: ids, codes of which
// many are rare, dates, amounts and a list.
func eobItems() *arrow.Schema {
	var fields []arrow.Field
	add := func(nullable bool, kind string, t arrow.DataType, names ...string) {
		for _, n := range names {
			fields = append(fields, table.Field(n, t, nullable, kind, n, "The "+n))
		}
	}
	add(false, "id", arrow.BinaryTypes.String, "claim_id")
	add(false, "reference", arrow.BinaryTypes.String, "patient_id")
	add(true, "integer", arrow.PrimitiveTypes.Int32, "sequence", "level")
	add(true, "code", code32, "product_code", "product_system", "revenue_code", "revenue_system", "category_code", "place_code", "unit",
		"modifier_1", "modifier_2", "modifier_3", "location_state", "currency")
	add(true, "date", arrow.FixedWidthTypes.Date32, "serviced_start", "serviced_end")
	add(true, "decimal(18,4)", &arrow.Decimal128Type{Precision: 18, Scale: 4}, "quantity", "unit_price", "net", "submitted", "eligible", "noncovered", "deductible", "coinsurance", "benefit")
	add(true, "list(integer)", arrow.ListOf(arrow.PrimitiveTypes.Int32), "diagnosis_sequence")
	add(true, "string", arrow.BinaryTypes.String, "product_text")
	return schema("claim_item", []string{"claim_id", "sequence"}, fields...)
}

// fillItems makes claims of ten lines each, with the entropy of real ones.
func fillItems(b testing.TB, rb *array.RecordBuilder, claims int, r *rand.Rand) {
	for c := range claims {
		id := fmt.Sprintf("%08x-7c1e-4b1d-9d7e-%012x", r.Uint32(), r.Uint64()>>16)
		patient := fmt.Sprintf("-1990000%07d", r.IntN(50_000))
		o := place{source: "payer-a", run: "0192f0a3-5f5e-7c6c-8f6e-0a2b7c1d9e01", line: int64(c + 1), hash: r.Uint64(),
			version: time.Date(2024, 1, 1, 0, 0, r.IntN(30_000_000), 0, time.UTC)}
		day := 19_000 + r.IntN(700)
		for line := range 10 {
			rb.Field(0).(*array.StringBuilder).Append(id)
			rb.Field(1).(*array.StringBuilder).Append(patient)
			rb.Field(2).(*array.Int32Builder).Append(int32(line + 1))
			rb.Field(3).(*array.Int32Builder).Append(0)
			for i, code := range []string{fmt.Sprint(99_000 + r.IntN(3000)), "http://www.ama-assn.org/go/cpt", fmt.Sprintf("%04d", r.IntN(90)*10),
				"https://www.nubc.org/CodeSystem/RevenueCodes", "M", fmt.Sprint(r.IntN(20)), "UN", fmt.Sprint(r.IntN(60)), "", "", fmt.Sprint(r.IntN(50)), "USD"} {
				f := rb.Field(4 + i).(*array.BinaryDictionaryBuilder)
				if code == "" || i == 7 && r.IntN(3) > 0 || i == 2 && r.IntN(10) == 0 {
					f.AppendNull()
				} else {
					must(b, f.AppendString(code))
				}
			}
			rb.Field(16).(*array.Date32Builder).Append(arrow.Date32(day))
			rb.Field(17).(*array.Date32Builder).Append(arrow.Date32(day + r.IntN(3)))
			rb.Field(18).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(1+r.IntN(4)) * 10_000))
			for i := range 8 {
				f := rb.Field(19 + i).(*array.Decimal128Builder)
				switch {
				case i > 3 && r.IntN(3) > 0:
					f.Append(decimal128.FromI64(0))
				case i > 5 && r.IntN(2) > 0:
					f.AppendNull()
				default:
					f.Append(decimal128.FromI64(int64(r.IntN(100_000)) * 100))
				}
			}
			list := rb.Field(27).(*array.ListBuilder)
			list.Append(true)
			for i := range r.IntN(3) {
				list.ValueBuilder().(*array.Int32Builder).Append(int32(i + 1))
			}
			if r.IntN(20) > 0 {
				rb.Field(28).AppendNull()
			} else {
				rb.Field(28).(*array.StringBuilder).Append(fmt.Sprint("Office visit, ", r.IntN(40), " minutes"))
			}
			addLineage(b, rb, o)
		}
	}
}

// BenchmarkWrite writes batches of 50,000 rows, as a page of claims gives them.
func BenchmarkWrite(b *testing.B) {
	s := eobItems()
	l, err := Open(b.TempDir())
	must(b, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{s})
	must(b, err)
	var batches []arrow.Record
	memory := 0
	for i := range 4 {
		rec := buildBatch(b, s, func(rb *array.RecordBuilder) { fillItems(b, rb, 5000, rand.New(rand.NewPCG(1, uint64(i)))) })
		defer rec.Release()
		batches = append(batches, rec)
		for _, c := range rec.Columns() {
			for _, buf := range c.Data().Buffers() {
				if buf != nil {
					memory += buf.Len()
				}
			}
		}
	}
	w := run.NewWriter()
	var values, written int64
	for b.Loop() {
		for _, rec := range batches {
			must(b, w.Write(rec))
			values += rec.NumRows() * rec.NumCols()
		}
		parts, err := w.Flush()
		must(b, err)
		written += parts[0].Bytes
		b.SetBytes(int64(memory))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(values), "ns/value")
	b.ReportMetric(float64(written)/float64(values), "B/value")
}

package clickhouse

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/checksum"
	"github.com/claimlake/claimlake/internal/table"
)

// everyType is a table with a column of each type that a mapping can have.
func everyType() *arrow.Schema {
	dec := func(p, s int32) arrow.DataType { return &arrow.Decimal128Type{Precision: p, Scale: s} }
	f := func(name string, t arrow.DataType) arrow.Field {
		return table.Field(name, t, true, "", name, "The column's "+name)
	}
	return schema("claim", []string{"id"},
		table.Field("id", arrow.BinaryTypes.String, false, "id", "id", "Logical id"),
		f("string", arrow.BinaryTypes.String), f("code", code32), f("boolean", arrow.FixedWidthTypes.Boolean),
		f("integer", arrow.PrimitiveTypes.Int32), f("int64", arrow.PrimitiveTypes.Int64),
		f("small", dec(9, 2)), f("money", dec(18, 4)), f("large", dec(38, 10)),
		f("date", arrow.FixedWidthTypes.Date32), f("instant", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}),
		f("integers", arrow.ListOf(arrow.PrimitiveTypes.Int32)), f("strings", arrow.ListOf(arrow.BinaryTypes.String)), f("codes", arrow.ListOf(code32)),
	)
}

func num(t *testing.T, text string, scale int32) decimal128.Num {
	t.Helper()
	n, err := decimal128.FromString(text, 38, scale)
	must(t, err)
	return n
}

func day(text string) arrow.Date32 {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return arrow.Date32FromTime(d)
}

// fillTypes makes three rows: ordinary values, the extremes, and nulls.
func fillTypes(t *testing.T, b *array.RecordBuilder) {
	str := func(i int, v ...string) { b.Field(i).(*array.StringBuilder).AppendValues(v, nil) }
	str(0, "a", "b", "c")
	str(1, "naïve \"quoted\"\n\x00 🩺", "")
	for _, v := range []string{"inpatient", ""} {
		must(t, b.Field(2).(*array.BinaryDictionaryBuilder).AppendString(v))
	}
	b.Field(3).(*array.BooleanBuilder).AppendValues([]bool{true, false}, nil)
	b.Field(4).(*array.Int32Builder).AppendValues([]int32{7, math.MinInt32}, nil)
	b.Field(5).(*array.Int64Builder).AppendValues([]int64{-7, math.MaxInt64}, nil)
	b.Field(6).(*array.Decimal128Builder).AppendValues([]decimal128.Num{num(t, "-1.50", 2), num(t, "9999999.99", 2)}, nil)
	b.Field(7).(*array.Decimal128Builder).AppendValues([]decimal128.Num{num(t, "1.1", 4), num(t, "-99999999999999.9999", 4)}, nil)
	b.Field(8).(*array.Decimal128Builder).AppendValues([]decimal128.Num{num(t, "0.0000000001", 10), num(t, "-1234567890123456789012345678.0123456789", 10)}, nil)
	b.Field(9).(*array.Date32Builder).AppendValues([]arrow.Date32{day("1931-02-28"), day("9999-12-31")}, nil)
	at := time.Date(2024, 2, 29, 22, 30, 0, 123456000, time.UTC)
	b.Field(10).(*array.TimestampBuilder).AppendValues([]arrow.Timestamp{arrow.Timestamp(at.UnixMicro()), arrow.Timestamp(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())}, nil)
	fillLists(t, b)
	for i := 1; i <= 13; i++ {
		b.Field(i).AppendNull()
	}
	for i := range 3 {
		addLineage(t, b, origin{source: "test", run: "r1", line: int64(i + 1), version: at})
	}
}

func fillLists(t *testing.T, b *array.RecordBuilder) {
	integers, strs, codes := b.Field(11).(*array.ListBuilder), b.Field(12).(*array.ListBuilder), b.Field(13).(*array.ListBuilder)
	integers.Append(true)
	integers.ValueBuilder().(*array.Int32Builder).AppendValues([]int32{1, 2}, nil)
	integers.Append(true)
	strs.Append(true)
	strs.ValueBuilder().(*array.StringBuilder).AppendValues([]string{"x", "", "y\"z"}, []bool{true, false, true})
	strs.Append(true)
	codes.Append(true)
	must(t, codes.ValueBuilder().(*array.BinaryDictionaryBuilder).AppendString("11"))
	codes.Append(true)
	must(t, codes.ValueBuilder().(*array.BinaryDictionaryBuilder).AppendString("12"))
	must(t, codes.ValueBuilder().(*array.BinaryDictionaryBuilder).AppendString("11"))
}

func TestEveryTypeGoesRound(t *testing.T) {
	for name, batches := range map[string][][2]int64{
		"values, then nulls": {{0, 1}, {1, 3}},                 // a slice with an offset, and a second batch with another dictionary
		"nulls, then values": {{2, 3}, {0, 2}},                 // in one block
		"nulls alone":        {{2, 3}, {0, 0}, {1, 2}, {0, 1}}, // an empty batch: see below
	} {
		t.Run(name, func(t *testing.T) { everyTypeGoesRound(t, batches) })
	}
}

// everyTypeGoesRound sends batches of the three rows; an empty one ends a block.
func everyTypeGoesRound(t *testing.T, batches [][2]int64) {
	ctx, s, schemas := context.Background(), store(t), []*arrow.Schema{everyType()}
	must(t, s.Migrate(ctx, schemas))
	run, err := s.Begin(ctx, "r1", 1, schemas)
	must(t, err)
	rec := build(t, schemas[0], func(b *array.RecordBuilder) { fillTypes(t, b) })
	defer rec.Release()
	w := run.NewWriter()
	for _, b := range batches {
		if b[0] == b[1] {
			must(t, w.Flush(ctx))
			continue
		}
		some := rec.NewSlice(b[0], b[1])
		defer some.Release()
		must(t, w.Write(ctx, some))
	}
	must(t, w.Flush(ctx))
	p, err := run.Promote(ctx)
	must(t, err)
	sums, err := checksum.New(schemas[0])
	must(t, err)
	must(t, sums.Add(rec))
	there, err := s.Checksums(ctx, "claim", schemas[0])
	must(t, err)
	if diff := cmp.Diff(sums.Table, there); diff != "" {
		t.Errorf("checksums of the batch, and of ClickHouse:\n%s", diff)
	}
	if p.Rows["claim"] != 3 {
		t.Fatalf("%d rows", p.Rows["claim"])
	}
	want := []string{
		"a|naïve \"quoted\"\n\x00 🩺|inpatient|true|7|-7|-1.50|1.1000|0.0000000001|1931-02-28|2024-02-29 22:30:00.123456|[1,2]|[\"x\",null,\"y\\\"z\"]|[\"11\"]",
		"b|||false|-2147483648|9223372036854775807|9999999.99|-99999999999999.9999|-1234567890123456789012345678.0123456789|2299-12-31|1900-01-01 00:00:00.000000|[]|[]|[\"12\",\"11\"]",
		"c|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|[]|[]|[]",
	}
	if diff := cmp.Diff(want, s.lines(t, "SELECT * EXCEPT(_source, _run_id, _file_id, _line, _retrieved_at, _transaction_time, _mapping, _hash, _version, _deleted) FROM claim ORDER BY id")); diff != "" {
		t.Error(diff)
	}
	if got := s.lines(t, "SELECT _source, _run_id, _file_id, _line, _version, _mapping, _deleted FROM claim ORDER BY id LIMIT 1"); got[0] != "test|r1|file-1|1|2024-02-29 22:30:00.123456|test@1|false" {
		t.Error(got)
	}
}

func TestDDL(t *testing.T) {
	ddl, err := DDL(everyType())
	must(t, err)
	for _, want := range []string{
		"`money` Nullable(Decimal(18, 4)) COMMENT 'The column\\'s money'", "`code` LowCardinality(Nullable(String))", "`id` String COMMENT",
		"`codes` Array(LowCardinality(Nullable(String)))", "ORDER BY (`_source`, `id`)", "PARTITION BY `_run_number`", "CREATE OR REPLACE VIEW `claim`", "It\\'s a test.",
	} {
		if !strings.Contains(ddl, want) {
			t.Errorf("no %q in\n%s", want, ddl)
		}
	}
	bad := schema("claim", []string{"id"}, table.Field("id", arrow.PrimitiveTypes.Float64, false, "", "", ""))
	if _, err := DDL(bad); err == nil || !strings.Contains(err.Error(), "column id") {
		t.Errorf("a type that ClickHouse has not: %v", err)
	}
}

func TestCommentsReachTheDatabase(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, claims()))
	got := s.lines(t, "SELECT table, name, comment FROM system.columns WHERE database = currentDatabase() AND name = 'note' ORDER BY table")
	want := []string{"claim|note|What the resource says", "claim_item|note|What the line says", "claim_item_v|note|What the line says", "claim_v|note|What the resource says"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := s.lines(t, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'claim'"); !slices.Equal(got, []string{"It's a test."}) {
		t.Errorf("view's comment: %q", got)
	}
}

package parquet

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

func TestMain(m *testing.M) {
	// A fifth of rapid's default, which -rapid.checks overrides.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

var code32 = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// schema makes a table of resource Claim.
func schema(name string, key []string, fields ...arrow.Field) *arrow.Schema {
	return table.Table{Name: name, Resource: "Claim", Description: "Rows of " + name, Key: key, Root: "claim", Mapping: "claim@1"}.
		Schema(append(fields, lineage.Fields()...))
}

// claims is a main table and a child.
func claims() []*arrow.Schema {
	id := func(name string) arrow.Field {
		return table.Field(name, arrow.BinaryTypes.String, false, "id", "id", "The claim")
	}
	return []*arrow.Schema{
		schema("claim", []string{"id"}, id("id"), table.Field("note", code32, true, "code", "note", "A note")),
		schema("claim_item", []string{"claim_id", "position"}, id("claim_id"),
			table.Field("position", arrow.PrimitiveTypes.Int32, false, "integer", "@position", "Place in the claim"),
			table.Field("note", code32, true, "code", "note", "A note")),
	}
}

// place says where rows came from.
type place struct {
	source, run string
	line        int64
	hash        uint64
	version     time.Time
	deleted     bool
	again       bool // loaded once more
}

// addLineage fills the lineage columns, which end the builder's schema.
func addLineage(t rapid.TB, b *array.RecordBuilder, o place) {
	t.Helper()
	at := b.Schema().FieldIndices(lineage.Source)[0]
	text := func(i int, s string) {
		must(t, b.Field(at+i).(*array.BinaryDictionaryBuilder).AppendString(s))
	}
	instant := func(i int, v time.Time) {
		b.Field(at + i).(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMicro()))
	}
	text(0, o.source)
	text(1, o.run)
	file := "file-1"
	if o.again {
		file = lineage.AgainFile(1, file)
	}
	text(2, file)
	b.Field(at + 3).(*array.Int64Builder).Append(o.line)
	instant(4, time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	instant(5, time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	text(6, "claim@1")
	b.Field(at + 7).(*array.Uint64Builder).Append(o.hash)
	instant(8, o.version)
	b.Field(at + 9).(*array.BooleanBuilder).Append(o.deleted)
}

// buildBatch makes a batch with fill; the caller releases it.
func buildBatch(t rapid.TB, s *arrow.Schema, fill func(*array.RecordBuilder)) arrow.Record {
	t.Helper()
	b := array.NewRecordBuilder(memory.NewGoAllocator(), s)
	defer b.Release()
	fill(b)
	return b.NewRecord()
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

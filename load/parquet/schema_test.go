package parquet

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/go-cmp/cmp"
	"math/rand/v2"

	"github.com/claimlake/claimlake/internal/table"
)

var update = flag.Bool("update", false, "write the golden files")

// The Parquet schema of a table with a column of each type, as parquet-go reads
// it from a part, and what a part says about itself.
func TestSchemaOfAPart(t *testing.T) {
	p := onePart(t, everyType())
	var text strings.Builder
	fmt.Fprintln(&text, p.parts.Schema())
	for _, kv := range p.parts.Metadata().KeyValueMetadata {
		if kv.Key != keyArrowSchema {
			fmt.Fprintf(&text, "%s = %s\n", kv.Key, kv.Value)
		}
	}
	for _, c := range p.parts.Metadata().RowGroups[0].Columns {
		if c.MetaData.BloomFilterOffset > 0 {
			fmt.Fprintf(&text, "Bloom filter: %s\n", c.MetaData.PathInSchema[0])
		}
	}
	const golden = "testdata/schema.txt"
	if *update {
		must(t, os.WriteFile(golden, []byte(text.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Error(diff)
	}
}

// A part brings its Arrow schema along, so that it can be rewritten.
func TestArrowSchemaIsKept(t *testing.T) {
	want := everyType()
	got := onePart(t, want).schema
	if !got.Equal(want) {
		t.Errorf("schema is %s\nwant %s", got, want)
	}
	a, err := table.Of(want)
	must(t, err)
	b, err := table.Of(got)
	must(t, err)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

// onePart writes a few rows to a part and opens it.
func onePart(t *testing.T, s *arrow.Schema) *partFile {
	t.Helper()
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{s})
	must(t, err)
	w := run.NewWriter()
	rec := buildBatch(t, s, func(b *array.RecordBuilder) {
		fillEveryType(t, b, shape{rows: 10, kinds: 5, nulls: 2, repeats: 1}, rand.New(rand.NewPCG(1, 1)))
	})
	defer rec.Release()
	must(t, w.Write(rec))
	parts, err := w.Flush()
	must(t, err)
	return openPart(t, l.abs(parts[0].Path))
}

func TestTypesThatParquetDoesNotGet(t *testing.T) {
	for name, typ := range map[string]arrow.DataType{
		"a float":                     arrow.PrimitiveTypes.Float64,
		"milliseconds":                &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"},
		"a time of no zone":           &arrow.TimestampType{Unit: arrow.Microsecond},
		"a dictionary of numbers":     &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.PrimitiveTypes.Int64},
		"a dictionary of short codes": &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
		"a list of lists":             arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int32)),
	} {
		s := schema("claim", []string{"id"}, table.Field("id", typ, true, "", "", ""))
		if _, err := layoutOf(s); err == nil {
			t.Errorf("%s: got a layout", name)
		}
	}
}

func TestBatchesOfAnotherMapping(t *testing.T) {
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, testClaims[:1])
	must(t, err)
	wider := schema("claim", []string{"id"}, table.Field("id", arrow.BinaryTypes.String, false, "id", "id", "The claim"))
	for name, s := range map[string]*arrow.Schema{"a table that the run has not": testClaims[1], "other columns": wider} {
		rec := buildBatch(t, s, func(*array.RecordBuilder) {})
		defer rec.Release()
		if err := run.NewWriter().Write(rec); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

package parquet

import (
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	pq "github.com/parquet-go/parquet-go"
)

// What the footer, the page index and the Bloom filters say of a part is true of
// all its values: a reader that skips by them misses nothing.
func TestStatisticsHoldAllValues(t *testing.T) {
	s := everyType()
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{s})
	must(t, err)
	w := run.NewWriter()
	for i, shape := range []shape{{6000, 1, 0, 1}, {11_000, 1 << 20, 3, 2}, {6000, 50, 10, 1}} {
		rec := buildBatch(t, s, func(b *array.RecordBuilder) { fillEveryType(t, b, shape, rand.New(rand.NewPCG(uint64(i), 0))) })
		must(t, w.Write(rec))
		rec.Release()
	}
	parts, err := w.Flush()
	must(t, err)
	p := openPart(t, l.abs(parts[0].Path))
	checkStatistics(t, p)

	// The same holds for what is left of it when rows are gone.
	var keep [][]bool
	for _, g := range p.parts.RowGroups() {
		flags := all(int(g.NumRows()))
		for i := range flags {
			flags[i] = i%20 > 0
		}
		keep = append(keep, flags)
	}
	copied := filepath.Join(t.TempDir(), "copy.parquet")
	_, err = p.rewrite(copied, keep)
	must(t, err)
	checkStatistics(t, openPart(t, copied))
}

func checkStatistics(t *testing.T, p *partFile) {
	t.Helper()
	pages := 0
	for _, g := range p.parts.RowGroups() {
		for _, c := range g.ColumnChunks() {
			pages += checkChunk(t, c.(*pq.FileColumnChunk))
		}
	}
	if pages < len(p.schema.Fields())+10 {
		t.Errorf("%d pages in all: too few to say anything", pages)
	}
}

// checkChunk checks the pages of a column and counts them.
func checkChunk(t *testing.T, c *pq.FileColumnChunk) int {
	t.Helper()
	index, err := c.ColumnIndex()
	must(t, err)
	offsets, err := c.OffsetIndex()
	must(t, err)
	least, most, known := c.Bounds()
	filter, name, row := c.BloomFilter(), c.Node().(*pq.Column).Name(), int64(0)
	pages := c.Pages()
	defer pages.Close() //nolint:errcheck // read only
	for i := 0; ; i++ {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return i
		}
		must(t, err)
		if got := offsets.FirstRowIndex(i); got != row {
			t.Errorf("%s, page %d: begins with row %d, the index says %d", name, i, row, got)
		}
		row += page.NumRows()
		if index.NullCount(i) != page.NumNulls() || index.NullPage(i) != (page.NumNulls() == page.NumValues()) {
			t.Errorf("%s, page %d: %d nulls, the index says %d", name, i, page.NumNulls(), index.NullCount(i))
		}
		must(t, eachOf(page, make([]pq.Value, 100), func(v pq.Value) {
			if v.IsNull() {
				return
			}
			within(t, name, c.Type(), v, index.MinValue(i), index.MaxValue(i))
			if known {
				within(t, name, c.Type(), v, least, most)
			}
			if filter != nil {
				if has, err := filter.Check(v); err != nil || !has {
					t.Fatalf("%s: the Bloom filter misses %s: %v", name, v, err)
				}
			}
		}))
	}
}

// within fails when v is out of bounds. parquet-go takes wide decimals for
// unsigned; the order of their type is signed (LogicalTypes.md, "DECIMAL").
func within(t *testing.T, name string, typ pq.Type, v, least, most pq.Value) {
	t.Helper()
	order := typ.Compare
	if typ.Kind() == pq.FixedLenByteArray {
		order = func(a, b pq.Value) int { return orderDecimal(a.ByteArray(), b.ByteArray()) }
	}
	if order(v, least) < 0 || order(v, most) > 0 {
		t.Fatalf("%s: %s is not within %s and %s", name, v, least, most)
	}
}

package parquet

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Limits of a page. Each column ends its pages by itself.
const (
	maxPageRows  = 20_000
	maxPageBytes = 1 << 20
	maxSliceRows = 4096 // of a batch, between two looks at the limits
)

// chunk is a column of the row group that is being written: the current page as
// values and levels, the pages before as bytes of the file.
type chunk struct {
	leaf    *leaf
	values  values
	kept    *cutValues // instead of values, while cutting a row group; nil before the first
	cutting bool
	flat    validity   // levels of a column that is no list
	list    listLevels // levels of a list
	rows    int        // of the current page
	pages   pages
}

func newChunk(l *leaf, s *scratch) *chunk {
	t := l.field.Type
	if list, ok := t.(*arrow.ListType); ok {
		t = list.Elem()
	}
	return &chunk{leaf: l, values: newValues(l, t, s), pages: pages{scratch: s}}
}

// add appends the rows of a.
func (c *chunk) add(a arrow.Array) error {
	if c.leaf.maxDef == 0 && a.NullN() > 0 {
		return fmt.Errorf("column %s: null in a column without nulls", c.leaf.field.Name)
	}
	step := c.addFlat
	if list, ok := a.(*array.List); ok {
		c.values.open(list.ListValues())
		step = c.addLists
	} else {
		c.values.open(a)
	}
	for from := 0; from < a.Len(); {
		to := min(a.Len(), from+maxSliceRows, from+maxPageRows-c.rows)
		step(a, from, to)
		c.rows += to - from
		from = to
		if c.rows >= maxPageRows || c.values.size() >= maxPageBytes {
			if err := c.endPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// collected are the current values.
func (c *chunk) collected() collected {
	if c.cutting {
		return c.kept
	}
	return c.values
}

func (c *chunk) addFlat(a arrow.Array, from, to int) {
	if c.leaf.optional() {
		c.flat.add(a, from, to)
	}
	c.values.add(from, to)
}

func (c *chunk) addLists(a arrow.Array, from, to int) {
	list := a.(*array.List)
	elements := list.ListValues()
	first, last := int64(0), int64(0) // elements whose values are still to be added
	for i := from; i < to; i++ {
		start, end := list.ValueOffsets(i)
		if list.IsNull(i) {
			c.list.none(0)
			continue
		}
		if start == end {
			c.list.none(c.leaf.empty)
			continue
		}
		c.list.add(elements, c.leaf, int(start), int(end))
		if start != last {
			c.values.add(int(first), int(last))
			first = start
		}
		last = end
	}
	c.values.add(int(first), int(last))
}

// endPage encodes the current page.
func (c *chunk) endPage() error {
	if c.rows == 0 {
		return nil
	}
	h := format.DataPageHeaderV2{NumRows: int32(c.rows), NumValues: int32(c.rows)}
	p := &c.pages
	p.begin()
	if err := c.levels(&h); err != nil {
		return err
	}
	c.rows = 0
	if h.NumNulls == h.NumValues { // readers want no dictionary for a page that has no values
		h.Encoding = format.Plain
		return p.end(h, bounds{}, c.leaf.order)
	}
	var b bounds
	var err error
	p.body, h.Encoding, b, err = c.collected().page(p.body)
	if err != nil {
		return fmt.Errorf("encode column %s: %w", c.leaf.field.Name, err)
	}
	return p.end(h, b, c.leaf.order)
}

// levels writes the levels of the page and counts its values.
func (c *chunk) levels(h *format.DataPageHeaderV2) (err error) {
	p := &c.pages
	switch {
	case c.leaf.maxRep > 0:
		if p.rep, err = encodeLevels(p.rep, c.list.rep, c.leaf.maxRep); err == nil {
			p.def, err = encodeLevels(p.def, c.list.def, c.leaf.maxDef)
		}
		h.NumValues = int32(len(c.list.def))
		h.NumNulls = h.NumValues - int32(bytes.Count(c.list.def, []byte{c.leaf.maxDef}))
		c.list.reset()
	case c.leaf.maxDef > 0:
		p.def = c.flat.encode(p.def)
		h.NumNulls = int32(c.flat.rows - c.flat.ones)
		c.flat.reset()
	}
	return err
}

// end ends the column of the row group and gives it as the footer wants it,
// with offsets relative to its first byte. The bytes are c.pages.dictionary and
// c.pages.data.
func (c *chunk) end() (format.ColumnChunk, error) {
	if err := c.endPage(); err != nil {
		return format.ColumnChunk{}, err
	}
	plain, count := c.collected().dictionary(c.pages.body[:0])
	c.pages.body = plain
	if count > 0 {
		if err := c.pages.endDictionary(count); err != nil {
			return format.ColumnChunk{}, err
		}
	}
	p := &c.pages
	m := format.ColumnMetaData{
		Type: c.leaf.physical, PathInSchema: thrift.Slice[string](c.leaf.path), Codec: format.Zstd,
		Encoding: p.encodings(c.leaf.maxDef > 0), EncodingStats: p.stats,
		NumValues: p.numValues, TotalUncompressedSize: p.uncompressed,
		TotalCompressedSize: int64(len(p.dictionary) + len(p.data)),
		Statistics:          format.Statistics{NullCount: p.nulls, MinValue: p.total.min, MaxValue: p.total.max},
	}
	m.DataPageOffset = int64(len(p.dictionary))
	return format.ColumnChunk{MetaData: m}, nil
}

// held is the memory held, used or not, in bytes.
func (c *chunk) held() int {
	p := &c.pages
	return c.collected().held() + c.levelsHeld() + cap(p.data) + cap(p.dictionary)
}

func (c *chunk) levelsHeld() int { return cap(c.flat.bits) + cap(c.list.def) + cap(c.list.rep) }

// loose is the memory of the current page, in bytes.
func (c *chunk) loose() int { return c.values.loose() + c.levelsHeld() }

// shrink ends the current page and frees its memory.
func (c *chunk) shrink() error {
	err := c.endPage()
	c.values.trim()
	c.flat, c.list = validity{}, listLevels{}
	return err
}

// reset begins the next row group.
func (c *chunk) reset() {
	c.collected().reset()
	c.cutting = false
	c.flat.reset()
	c.list.reset()
	c.rows = 0
	c.pages.reset()
}

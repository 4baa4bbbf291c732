package parquet

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A row group that loses a few rows keeps its dictionaries: they are copied as they are
// in the file, and of the pages only indexes are dropped. That is most of a part, and
// takes a third of the time of encoding the values again. Entries that no row has any
// more stay, until half of the rows are gone.

// cut copies a column of a row group without the rows that are not kept, if its values
// are all in a dictionary or null; else done is false.
func (c *chunk) cut(p *partFile, column pq.ColumnChunk, m *format.ColumnMetaData, keep []bool) (done bool, err error) {
	empty := m.Statistics.NullCount == m.NumValues
	switch {
	case 2*count(keep) < len(keep) || !empty && !c.leaf.indexed(m):
		return false, nil
	case empty && c.leaf.maxRep == 0:
		return true, c.addNulls(count(keep))
	case !empty:
		if err := c.pages.copyDictionary(p, m); err != nil {
			return false, err
		}
	}
	if c.cutting = true; c.kept == nil {
		c.kept = &cutValues{leaf: c.leaf}
	}
	return true, eachKept(column, keep, func(page pq.Page, keep []bool) error {
		index, err := c.kept.use(page)
		if err != nil {
			return err
		}
		if c.leaf.maxRep > 0 {
			c.addLevels(page, index, keep)
		} else {
			c.addIndexes(page, index, keep)
		}
		c.rows += count(keep)
		return c.endPage()
	})
}

// indexed reports whether all values of a column chunk are in a dictionary. Pages without
// any are PLAIN.
func (l *leaf) indexed(m *format.ColumnMetaData) bool {
	plain := l.physical == format.Boolean || l.physical == format.FixedLenByteArray || l.field.Type.ID() == arrow.UINT64
	for _, s := range m.EncodingStats {
		data := s.PageType != format.DictionaryPage
		if data && s.Encoding != format.RLEDictionary && (plain || s.Encoding != format.Plain) {
			return false
		}
	}
	return m.DictionaryPageOffset > 0 && len(m.EncodingStats) > 0
}

func count(flags []bool) (n int) {
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// addNulls adds rows without a value.
func (c *chunk) addNulls(n int) error {
	for n > 0 {
		some := min(n, maxPageRows)
		c.flat.addSame(some, false)
		c.rows += some
		n -= some
		if err := c.endPage(); err != nil {
			return err
		}
	}
	return nil
}

// addIndexes adds the kept rows of a page.
func (c *chunk) addIndexes(page pq.Page, index []int32, keep []bool) {
	levels := page.DefinitionLevels()
	for from := 0; from < len(keep); {
		to := from + 1
		for to < len(keep) && keep[to] == keep[from] {
			to++
		}
		n := to - from
		if len(levels) > 0 {
			n = bytes.Count(levels[from:to], []byte{1})
		}
		if keep[from] {
			copy(c.kept.rows.grow(n), index[:n])
			switch {
			case !c.leaf.optional():
			case len(levels) > 0:
				c.flat.addLevels(levels[from:to], n)
			default:
				c.flat.addSame(n, true)
			}
		}
		index, from = index[n:], to
	}
}

// addLevels adds the kept rows of a page of a list.
func (c *chunk) addLevels(page pq.Page, index []int32, keep []bool) {
	row, defs := -1, page.DefinitionLevels()
	for i, rep := range page.RepetitionLevels() {
		if rep == 0 {
			row++
		}
		if keep[row] {
			c.list.rep, c.list.def = append(c.list.rep, rep), append(c.list.def, defs[i])
		}
		if defs[i] < c.leaf.maxDef {
			continue
		}
		if keep[row] {
			c.kept.rows.repeat(index[0], 1)
		}
		index = index[1:]
	}
}

// cutValues are indexes into a dictionary that is copied as it is.
type cutValues struct {
	leaf    *leaf
	list    encoding.Values // the dictionary's
	entries int
	sums    []uint64 // XXH64 of its entries, where a Bloom filter wants them
	rows    indexes
	marks   marks
}

// use gives the indexes of a page's values.
func (v *cutValues) use(page pq.Page) ([]int32, error) {
	dictionary, values := page.Dictionary(), int(page.NumValues()-page.NumNulls())
	if values == 0 {
		return nil, nil
	}
	if dictionary == nil {
		return nil, errors.New("a page has values of its own, where the footer says that all are in the dictionary")
	}
	if v.entries == 0 {
		v.open(dictionary)
	}
	list := page.Data()
	index := list.Int32()
	if len(index) < values {
		return nil, fmt.Errorf("a page has %d values, where its levels say %d", len(index), values)
	}
	return index, nil
}

// open looks at the dictionary, which is gone when the column is read.
func (v *cutValues) open(d pq.Dictionary) {
	v.list, v.entries = d.Page().Data(), d.Len()
	if !v.leaf.bloom {
		return
	}
	for i := range int32(v.entries) {
		v.sums = append(v.sums, xxhash.Sum64(v.at(i)))
	}
}

// at is an entry in PLAIN encoding.
func (v *cutValues) at(i int32) []byte {
	data, offsets := v.list.Data()
	if v.leaf.physical == format.ByteArray {
		return data[offsets[i]:offsets[i+1]]
	}
	width := len(data) / v.entries
	return data[int(i)*width : int(i+1)*width]
}

func (v *cutValues) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	var b bounds
	v.marks.each(&v.rows, v.entries, func(i int32) {
		value := v.at(i)
		b.widen(bounds{value, value}, v.leaf.order)
	})
	dst = v.rows.encode(dst, v.entries)
	v.rows.reset()
	return dst, format.RLEDictionary, b, nil
}

// dictionary gives none: it is there already.
func (v *cutValues) dictionary(dst []byte) ([]byte, int) { return dst, 0 }

func (v *cutValues) hashes() []uint64 { return v.sums }

func (v *cutValues) reset() {
	v.list, v.entries, v.sums = encoding.Values{}, 0, v.sums[:0]
	v.rows.reset()
}

func (v *cutValues) size() int { return 4 * len(v.rows.list) }

func (v *cutValues) held() int { return v.rows.held() + 4*cap(v.marks.seen) + 8*cap(v.sums) }

// copyDictionary takes the dictionary's page as it is in the file.
func (p *pages) copyDictionary(from *partFile, m *format.ColumnMetaData) error {
	length := m.DataPageOffset - m.DictionaryPageOffset
	if length <= 0 || length > from.parts.Size() {
		return ErrDamaged
	}
	p.dictionary = append(p.dictionary[:0], make([]byte, length)...)
	if _, err := from.file.ReadAt(p.dictionary, m.DictionaryPageOffset); err != nil {
		return fmt.Errorf("read a dictionary: %w", err)
	}
	var header format.PageHeader
	rest := bytes.NewReader(p.dictionary)
	if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(rest)).Decode(&header); err != nil {
		return fmt.Errorf("read a dictionary: %w", err)
	}
	p.uncompressed += int64(len(p.dictionary)) - int64(header.CompressedPageSize) + int64(header.UncompressedPageSize)
	p.count(format.DictionaryPage, format.Plain)
	return nil
}

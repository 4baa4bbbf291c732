package parquet

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"
)

// columnReader reads a column of a row group as Arrow arrays, from where the last read
// ended.
type columnReader struct {
	leaf  leaf
	pages pq.Pages    // nil: the part has not got the column
	rest  arrow.Array // of the page; nil before the first
}

// read gives the next rows.
func (r *columnReader) read(rows int) (arrow.Array, error) {
	if r.pages == nil {
		return array.MakeArrayOfNull(memory.DefaultAllocator, r.leaf.field.Type, rows), nil
	}
	var pieces []arrow.Array
	defer func() {
		for _, p := range pieces {
			p.Release()
		}
	}()
	for rows > 0 {
		if r.rest == nil || r.rest.Len() == 0 {
			if err := r.page(); err != nil {
				return nil, err
			}
		}
		piece := array.NewSlice(r.rest, 0, int64(min(rows, r.rest.Len())))
		pieces = append(pieces, piece)
		rows -= piece.Len()
		r.keep(array.NewSlice(r.rest, int64(piece.Len()), int64(r.rest.Len())))
	}
	if len(pieces) == 1 {
		pieces[0].Retain()
		return pieces[0], nil
	}
	return joined(pieces)
}

// joined puts the ends of pages together. Codes are taken one by one: where dictionaries
// differ, Concatenate (Arrow 17) makes null runs zero what is before them.
func joined(pieces []arrow.Array) (arrow.Array, error) {
	t, ok := pieces[0].DataType().(*arrow.DictionaryType)
	if !ok {
		return array.Concatenate(pieces, memory.DefaultAllocator)
	}
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, t).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	for _, p := range pieces {
		codes := p.(*array.Dictionary)
		words := codes.Dictionary().(*array.String)
		for i := range codes.Len() {
			if codes.IsNull(i) {
				b.AppendNull()
			} else if err := b.AppendString(words.Value(codes.GetValueIndex(i))); err != nil {
				return nil, err
			}
		}
	}
	return b.NewArray(), nil
}

// page reads the next page.
func (r *columnReader) page() error {
	page, err := r.pages.ReadPage()
	if err != nil {
		return notEOF(err)
	}
	defer pq.Release(page)
	rows, err := keptRows(page, &r.leaf, all(int(page.NumRows())))
	if err == nil {
		r.keep(rows)
	}
	return err
}

func (r *columnReader) keep(rest arrow.Array) {
	if r.rest != nil {
		r.rest.Release()
	}
	r.rest = rest
}

func (r *columnReader) close() {
	r.keep(nil)
	if r.pages != nil {
		_ = r.pages.Close() // only read
	}
}

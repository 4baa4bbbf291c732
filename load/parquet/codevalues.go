package parquet

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/format"
)

// codeValues collects the codes of a dictionary array. Each batch brings a small
// dictionary of its own, whose entries are looked up once and not row by row.
type codeValues struct {
	index   textIndex
	array   arrow.Array
	codes   []int32
	entries []int32 // of the part's dictionary, by code of the batch
}

func (v *codeValues) open(a arrow.Array) {
	d := a.(*array.Dictionary)
	words := d.Dictionary().(*array.String)
	v.array, v.codes, v.entries = a, d.Indices().(*array.Int32).Int32Values(), v.entries[:0]
	for i := range words.Len() {
		v.entries = append(v.entries, v.index.put([]byte(words.Value(i))))
	}
}

func (v *codeValues) add(from, to int) {
	valid(v.array, from, to, func(from, to int) {
		if len(v.entries) == 1 {
			v.index.rows.repeat(v.entries[0], to-from)
			return
		}
		out := v.index.rows.grow(to - from)
		for i, code := range v.codes[from:to] {
			out[i] = v.entries[code]
		}
	})
}

func (v *codeValues) size() int { return v.index.size() }

func (v *codeValues) held() int { return v.index.held() + 4*cap(v.entries) }

func (v *codeValues) loose() int { return v.index.rows.held() }

func (v *codeValues) trim() { v.index.rows.trim() }

func (v *codeValues) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	return v.index.page(dst, orderBytes)
}

func (v *codeValues) dictionary(dst []byte) ([]byte, int) { return v.index.dictionary(dst) }

func (v *codeValues) hashes() []uint64 { return nil }

func (v *codeValues) reset() { v.index.reset() }

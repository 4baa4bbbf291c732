package parquet

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/format"
)

// wideDecimals collects decimals of more than 18 digits: big-endian two's
// complements of width bytes.
type wideDecimals struct {
	width int
	array *array.Decimal128
	data  []byte
}

func (v *wideDecimals) open(a arrow.Array) { v.array = a.(*array.Decimal128) }

func (v *wideDecimals) add(from, to int) {
	valid(v.array, from, to, func(from, to int) {
		for i := from; i < to; i++ {
			var word [16]byte
			n := v.array.Value(i)
			binary.BigEndian.PutUint64(word[:8], uint64(n.HighBits()))
			binary.BigEndian.PutUint64(word[8:], n.LowBits())
			v.data = append(v.data, word[16-v.width:]...)
		}
	})
}

func (v *wideDecimals) size() int { return len(v.data) }

func (v *wideDecimals) held() int { return cap(v.data) }

func (v *wideDecimals) loose() int { return cap(v.data) }

func (v *wideDecimals) trim() { v.data = nil }

func (v *wideDecimals) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	var b bounds
	for at := 0; at < len(v.data); at += v.width {
		n := v.data[at : at+v.width]
		b.widen(bounds{n, n}, orderDecimal)
	}
	b.min, b.max = append([]byte(nil), b.min...), append([]byte(nil), b.max...)
	dst = append(dst, v.data...)
	v.reset()
	return dst, format.Plain, b, nil
}

func (v *wideDecimals) dictionary(dst []byte) ([]byte, int) { return dst, 0 }

func (v *wideDecimals) hashes() []uint64 { return nil }

func (v *wideDecimals) reset() { v.data = v.data[:0] }

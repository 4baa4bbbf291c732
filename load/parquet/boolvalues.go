package parquet

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/parquet-go/parquet-go/format"
)

// boolValues collects booleans, a bit each, as Arrow and PLAIN have them.
type boolValues struct {
	array *array.Boolean
	bits  []byte
	n     int
	ones  int
}

func (v *boolValues) open(a arrow.Array) { v.array = a.(*array.Boolean) }

func (v *boolValues) add(from, to int) {
	data := v.array.Data()
	valid(v.array, from, to, func(from, to int) {
		for need := (v.n + to - from + 7) / 8; len(v.bits) < need; {
			v.bits = append(v.bits, make([]byte, need-len(v.bits))...)
		}
		bits, at := data.Buffers()[1].Bytes(), data.Offset()+from
		bitutil.CopyBitmap(bits, at, to-from, v.bits, v.n)
		v.ones += bitutil.CountSetBits(bits, at, to-from)
		v.n += to - from
	})
}

func (v *boolValues) size() int { return len(v.bits) }

func (v *boolValues) held() int { return cap(v.bits) }

func (v *boolValues) loose() int { return cap(v.bits) }

func (v *boolValues) trim() { v.bits = nil }

func (v *boolValues) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	dst = append(dst, v.bits...)
	var b bounds
	if v.n > 0 {
		b = bounds{[]byte{0}, []byte{1}}
		switch v.ones {
		case 0:
			b.max = b.min
		case v.n:
			b.min = b.max
		}
	}
	v.reset()
	return dst, format.Plain, b, nil
}

func (v *boolValues) dictionary(dst []byte) ([]byte, int) { return dst, 0 }

func (v *boolValues) hashes() []uint64 { return nil }

func (v *boolValues) reset() {
	clear(v.bits)
	v.bits, v.n, v.ones = v.bits[:0], 0, 0
}

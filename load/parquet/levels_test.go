package parquet

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

// Whatever the validity of the rows, in whatever slices they come, parquet-go
// decodes the same levels, and valid visits the rows that are not null.
func FuzzValidity(f *testing.F) {
	f.Add([]byte{}, uint8(1), uint8(0))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, uint8(7), uint8(3))
	f.Add([]byte{0xAA, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x55, 0xFF}, uint8(64), uint8(5))
	f.Fuzz(func(t *testing.T, bits []byte, step, drop uint8) {
		b := array.NewBooleanBuilder(memory.NewGoAllocator())
		defer b.Release()
		for i := range 8 * len(bits) {
			if bits[i/8]>>(i%8)&1 == 1 {
				b.Append(true)
			} else {
				b.AppendNull()
			}
		}
		whole := b.NewArray()
		defer whole.Release()
		a := array.NewSlice(whole, min(int64(drop), int64(whole.Len())), int64(whole.Len()))
		defer a.Release()
		var v validity
		want, visited := make([]byte, a.Len()), make([]byte, a.Len())
		for from := 0; from < a.Len(); {
			to := min(a.Len(), from+1+int(step))
			v.add(a, from, to)
			valid(a, from, to, func(from, to int) {
				for i := from; i < to; i++ {
					visited[i]++
				}
			})
			from = to
		}
		for i := range want {
			if a.IsValid(i) {
				want[i] = 1
			}
		}
		got, err := (&rle.Encoding{BitWidth: 1}).DecodeLevels(nil, v.encode(nil))
		if err != nil || len(got) < len(want) || string(got[:len(want)]) != string(want) {
			t.Errorf("levels are %v, want %v: %v", got, want, err)
		}
		if string(visited) != string(want) {
			t.Errorf("visited %v, want %v", visited, want)
		}
	})
}

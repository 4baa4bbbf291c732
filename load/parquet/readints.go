package parquet

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// readInt32 appends rows [from, to) of a column of INT32.
func readInt32(dst []int64, a arrow.Array, from, to int) []int64 {
	var in []int32
	switch a := a.(type) {
	case *array.Int32:
		in = a.Int32Values()
	case *array.Date32:
		in = reinterpret[int32](a.Date32Values())
	}
	for _, n := range in[from:to] {
		dst = append(dst, int64(n))
	}
	return dst
}

// readInt64 appends rows [from, to) of a column of INT64 that Arrow has in the
// same bits.
func readInt64(dst []int64, a arrow.Array, from, to int) []int64 {
	switch a := a.(type) {
	case *array.Int64:
		return append(dst, a.Int64Values()[from:to]...)
	case *array.Timestamp:
		return append(dst, reinterpret[int64](a.TimestampValues()[from:to])...)
	case *array.Uint64:
		return append(dst, reinterpret[int64](a.Uint64Values()[from:to])...)
	}
	return dst
}

// readDecimal takes the low words, which hold all of up to 18 digits.
func readDecimal(dst []int64, a arrow.Array, from, to int) []int64 {
	for _, n := range a.(*array.Decimal128).Values()[from:to] {
		dst = append(dst, int64(n.LowBits()))
	}
	return dst
}

// reinterpret gives numbers another type of the same size.
func reinterpret[To, From any](in []From) []To {
	return unsafe.Slice((*To)(unsafe.Pointer(unsafe.SliceData(in))), len(in))
}

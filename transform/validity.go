package transform

import "github.com/apache/arrow/go/v17/arrow/memory"

// validity is which rows of a column have a value: a bit a row, as Arrow has it,
// up to some row after which there is none.
type validity struct {
	bits   []byte
	values int
}

// reach makes room for so many rows.
func (v *validity) reach(rows int) { v.bits = extended(v.bits, (rows+7)/8) }

// set says that a row has a value; it must be in reach, and not set before.
func (v *validity) set(row int) {
	v.bits[row/8] |= 1 << (row % 8)
	v.values++
}

// finish gives the bits of so many rows, nil where all have a value, and the number
// of nulls, and starts again.
func (v *validity) finish(rows int, mem memory.Allocator) (*memory.Buffer, int) {
	nulls := rows - v.values
	var bits *memory.Buffer
	if nulls > 0 {
		v.reach(rows)
		bits = bufferOf(mem, v.bits)
	}
	v.bits, v.values = v.bits[:0], 0
	return bits, nulls
}

// extended is list with zeros up to length n.
func extended[T any](list []T, n int) []T {
	if missing := n - len(list); missing > 0 {
		return append(list, make([]T, missing)...)
	}
	return list
}

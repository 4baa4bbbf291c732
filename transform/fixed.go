package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// fixedSize is a value of one size.
type fixedSize interface {
	int32 | int64 | uint64 | arrow.Date32 | arrow.Timestamp | decimal128.Num
}

// fixed builds a column of values of one size.
type fixed[T fixedSize] struct {
	validity
	values []T // up to the reach of validity
	read   func(c *chunk, sp span) (T, string)
	kind   arrow.DataType
}

func newFixed[T fixedSize](t arrow.DataType, read func(*chunk, span) (T, string)) *fixed[T] {
	return &fixed[T]{kind: t, read: read}
}

func (b *fixed[T]) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	b.values = extended(b.values, c.first+len(c.rows))
	last, value := unlike, *new(T)
	for i := range c.hits {
		h := &c.hits[i]
		if h.span != last {
			v, ok := readFixed(b.read, c, m, h)
			if !ok && !m.required {
				continue
			}
			last, value = lastRead(h, ok), v
		}
		row := c.first + int(h.at)
		b.values[row] = value
		b.set(row)
	}
}

// put adds a row, after all others, with a value.
func (b *fixed[T]) put(row int, v T) {
	b.reach(row + 1)
	b.values = append(extended(b.values, row), v)
	b.set(row)
}

func (b *fixed[T]) finish(rows int, mem memory.Allocator, none *nothing) arrow.Array {
	if b.validity.values == 0 {
		return none.of(b.kind, rows)
	}
	b.values = extended(b.values, rows)
	values := bufferOf(mem, arrow.GetBytes(b.values))
	b.values = b.values[:0]
	bits, nulls := b.validity.finish(rows, mem)
	return arrayOf(b.kind, rows, nulls, bits, values)
}

// readFixed reads a value and notes why there is none.
func readFixed[T any](read func(*chunk, span) (T, string), c *chunk, m *misfits, h *cell) (v T, ok bool) {
	if !h.present() {
		m.missing(c, int(h.at))
		return v, false
	}
	v, reason := read(c, h.span)
	if reason != "" {
		m.note(c, int(h.at), reason)
	}
	return v, stored(reason)
}

// booleans builds a column of booleans, which have one bit each.
type booleans struct {
	validity
	yes []byte // up to the reach of validity
}

func (b *booleans) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	b.yes = extended(b.yes, len(b.bits))
	for i := range c.hits {
		h := &c.hits[i]
		v, ok := readFixed(readBoolean, c, m, h)
		if ok || m.required {
			row := c.first + int(h.at)
			bitutil.SetBitTo(b.yes, row, v)
			b.set(row)
		}
	}
}

func (b *booleans) finish(rows int, mem memory.Allocator, none *nothing) arrow.Array {
	if b.values == 0 {
		return none.of(arrow.FixedWidthTypes.Boolean, rows)
	}
	b.yes = extended(b.yes, (rows+7)/8)
	yes := bufferOf(mem, b.yes)
	b.yes = b.yes[:0]
	bits, nulls := b.validity.finish(rows, mem)
	return arrayOf(arrow.FixedWidthTypes.Boolean, rows, nulls, bits, yes)
}

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

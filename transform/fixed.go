package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
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
	return v, reason == "" || reason == ValueNearest
}

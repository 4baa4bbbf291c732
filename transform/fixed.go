package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

type decimalNumber = decimal128.Num

// fixedBuilder is what Arrow's builders of values of one size have in common.
type fixedBuilder[T any] interface {
	array.Builder
	AppendValues(values []T, valid []bool)
}

// fixed builds a column of values of one size.
type fixed[T any] struct {
	builder fixedBuilder[T]
	read    func(c *chunk, sp span) (T, string)
	values  []T // of the chunk
	valid   []bool
	last    int // rows of the page before, to reserve as many
}

func newFixed[T any](b fixedBuilder[T], read func(*chunk, span) (T, string)) *fixed[T] {
	return &fixed[T]{builder: b, read: read}
}

func (b *fixed[T]) add(c *chunk, m *misfits) {
	b.values, b.valid = b.values[:0], b.valid[:0]
	for i, sp := range c.spans {
		var v T
		ok := false
		if sp.present() {
			var reason string
			if v, reason = b.read(c, sp); reason == "" {
				ok = true
			} else {
				m.note(c, i, reason)
			}
		} else {
			m.missing(c, i)
		}
		b.values = append(b.values, v)
		b.valid = append(b.valid, ok || m.required)
	}
	if b.builder.Len() == 0 {
		b.builder.Reserve(max(b.last, len(b.values)))
	}
	b.builder.AppendValues(b.values, b.valid)
}

func (b *fixed[T]) finish() arrow.Array {
	b.last = b.builder.Len()
	return b.builder.NewArray()
}

package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// lists builds a list column.
type lists struct {
	builder *array.ListBuilder
	item    func(c *chunk, sp span) bool // appends an element; a null if it does not fit
}

func (b *lists) add(c *chunk, m *misfits) {
	for i := range c.hits {
		h := &c.hits[i]
		b.builder.AppendNulls(c.first + int(h.row) - b.builder.Len())
		if !h.present() {
			m.missing(c, int(h.row))
			b.builder.AppendNull()
			continue
		}
		b.builder.Append(true)
		fits := true
		c.items(h.span, func(item span) bool {
			fits = b.item(c, item) && fits
			return true
		})
		if !fits {
			m.note(c, int(h.row), ValueNotList)
		}
	}
}

func (b *lists) finish(rows int, _ memory.Allocator, none *nothing) arrow.Array {
	if b.builder.Len() == 0 {
		return none.of(b.builder.Type(), rows)
	}
	b.builder.AppendNulls(rows - b.builder.Len())
	return b.builder.NewArray()
}

func integerItem(b *array.Int32Builder) func(*chunk, span) bool {
	return func(c *chunk, sp span) bool {
		if n, reason := readInteger(c, sp); reason == "" {
			b.Append(n)
			return true
		}
		b.AppendNull()
		return sp.kind == kindNull
	}
}

func stringItem(b *array.StringBuilder) func(*chunk, span) bool {
	return func(c *chunk, sp span) bool {
		if sp.kind == kindText {
			b.BinaryBuilder.Append(c.text(sp))
			return true
		}
		b.AppendNull()
		return sp.kind == kindNull
	}
}

// items calls yield for each element of an array that was checked, until it says
// false. A value that is no array is an array of one, as some servers write it.
func (c *chunk) items(sp span, yield func(span) bool) bool {
	if sp.kind == kindList {
		return c.collected(sp, yield)
	}
	if sp.kind != kindArray {
		return yield(sp)
	}
	raw := c.raw(sp)
	s := scan{data: raw, pos: 1}
	for s.next() != ']' {
		item, ok := s.any()
		if !ok {
			return false // cannot be: the scan or gjson checked it
		}
		item.start, item.end, item.side = item.start+sp.start, item.end+sp.start, sp.side
		if !yield(item) {
			return false
		}
		if s.next() == ',' {
			s.pos++
		}
	}
	return true
}

// any reads a value of any kind as a span.
func (s *scan) any() (span, bool) {
	var sp span
	var ok bool
	switch s.next() {
	case '"':
		return s.text()
	case '{':
		sp.start, sp.kind, ok = uint32(s.pos), kindObject, s.skipContainer()
	case '[':
		sp.start, sp.kind, ok = uint32(s.pos), kindArray, s.skipContainer()
	default:
		sp.start = uint32(s.pos)
		sp.kind, ok = s.scalar()
	}
	sp.end = uint32(s.pos)
	return sp, ok
}

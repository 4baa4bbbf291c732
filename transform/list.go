package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// lists builds a list column.
type lists struct {
	validity
	kind     arrow.DataType
	offsets  []int32 // where the elements of rows start; up to the last row with a value
	elements columnBuilder
	count    int // of elements
	// put adds an element; a null if it does not fit, which it reports.
	put func(c *chunk, sp span, at int) bool
}

func integerLists(c *columnPlan) columnBuilder {
	b := newFixed(arrow.PrimitiveTypes.Int32, readInteger)
	return &lists{kind: c.kind.arrow, elements: b, put: func(c *chunk, sp span, at int) bool {
		n, reason := readInteger(c, sp)
		if reason == "" {
			b.put(at, n)
		}
		return reason == "" || sp.kind == kindNull
	}}
}

func textLists(c *columnPlan) columnBuilder {
	b := &texts{}
	return &lists{kind: c.kind.arrow, elements: b, put: func(c *chunk, sp span, at int) bool {
		if sp.kind == kindText {
			b.put(at, c.text(sp))
		}
		return sp.kind == kindText || sp.kind == kindNull
	}}
}

func (b *lists) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	for i := range c.hits {
		h := &c.hits[i]
		row := c.first + int(h.at)
		if !h.present() {
			m.missing(c, int(h.at))
			continue
		}
		b.start(row)
		b.set(row)
		if !b.fill(c, h.span) {
			m.note(c, int(h.at), ValueNotList)
		}
	}
}

// fill adds the elements of a list. It reports whether all fit.
func (b *lists) fill(c *chunk, list span) bool {
	fits := true
	c.items(list, func(item span) bool {
		fits = b.put(c, item, b.count) && fits
		b.count++
		return true
	})
	return fits
}

// start begins the list of a row, after nulls.
func (b *lists) start(row int) {
	for len(b.offsets) <= row {
		b.offsets = append(b.offsets, int32(b.count))
	}
}

func (b *lists) finish(rows int, mem memory.Allocator, none *nothing) arrow.Array {
	if b.values == 0 {
		return none.of(b.kind, rows)
	}
	b.start(rows)
	elements := b.elements.finish(b.count, mem, none)
	offsets := bufferOf(mem, arrow.GetBytes(b.offsets))
	b.offsets, b.count = b.offsets[:0], 0
	bits, nulls := b.validity.finish(rows, mem)
	return listsOf(b.kind, rows, nulls, bits, offsets, elements)
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
	s := cursor{data: raw, pos: 1}
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

// sums builds a column of sums: several adjudications of one category add up.
type sums struct {
	*fixed[decimal128.Num]
	kind kind
}

func newSums(k kind) *sums {
	return &sums{fixed: newFixed(k.dataType(), k.readDecimal), kind: k}
}

func (b *sums) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	b.values = extended(b.values, c.first+len(c.rows))
	for i := range c.hits {
		h := &c.hits[i]
		if !h.present() {
			m.missing(c, int(h.at))
			continue
		}
		total, n, reason := b.total(c, h.span)
		if reason != "" {
			m.note(c, int(h.at), reason)
		}
		if n > 0 && stored(reason) {
			b.values[c.first+int(h.at)] = total
			b.set(c.first + int(h.at))
		}
	}
}

// total adds the numbers of a list, and says how many there are. Where one does not fit
// there is no sum, and the reason says why; where one is rounded, the reason says so.
func (b *sums) total(c *chunk, list span) (total decimal128.Num, n int, reason string) {
	c.items(list, func(item span) bool {
		if item.kind == kindNull {
			return true
		}
		v, why := b.kind.readDecimal(c, item)
		total, n = total.Add(v), n+1
		if stored(why) && !total.FitsInPrecision(b.kind.precision) {
			why = ValueOutOfRange
		}
		if why != "" {
			reason = why
		}
		return stored(why)
	})
	return total, n, reason
}

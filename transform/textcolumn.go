package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// textReader gives the text of a value, good until the next call. ok is false
// where the row has none: with a reason if the value did not fit.
type textReader func(c *chunk, sp span) (text []byte, ok bool, reason string)

// texts builds a string column.
type texts struct {
	validity
	offsets []int32 // where the texts of rows start; up to the last row with a value
	data    []byte
	read    texter
}

func (b *texts) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	last, from, to := unlike, 0, 0
	for i := range c.hits {
		h := &c.hits[i]
		row := c.first + int(h.at)
		if h.span == last {
			b.start(row)
			b.data = append(b.data, b.data[from:to]...)
			b.set(row)
			continue
		}
		text, ok := b.read.of(c, m, h)
		if ok || m.required {
			from = len(b.data)
			b.put(row, text)
			last, to = lastRead(h, ok), len(b.data)
		}
	}
}

// put adds a row, after all others, with text.
func (b *texts) put(row int, text []byte) {
	b.reach(row + 1)
	b.start(row)
	b.data = append(b.data, text...)
	b.set(row)
}

// start begins the text of a row, after nulls.
func (b *texts) start(row int) {
	at := int32(len(b.data))
	for len(b.offsets) <= row {
		b.offsets = append(b.offsets, at)
	}
}

func (b *texts) finish(rows int, mem memory.Allocator, none *nothing) arrow.Array {
	if b.values == 0 {
		return none.of(arrow.BinaryTypes.String, rows)
	}
	b.start(rows)
	offsets, data := bufferOf(mem, arrow.GetBytes(b.offsets)), bufferOf(mem, b.data)
	b.offsets, b.data = b.offsets[:0], b.data[:0]
	bits, nulls := b.validity.finish(rows, mem)
	return arrayOf(arrow.BinaryTypes.String, rows, nulls, bits, offsets, data)
}

// texter reads the texts of a column. Nearly all are strings as they stand.
type texter struct {
	string bool // they are
	read   textReader
}

// of reads a value and notes why there is none.
func (t texter) of(c *chunk, m *misfits, h *cell) ([]byte, bool) {
	if t.string && h.kind == kindText && !h.escaped && !h.side {
		return c.page[h.start:h.end], true
	}
	if !h.present() {
		m.missing(c, int(h.at))
		return nil, false
	}
	text, ok, reason := t.read(c, h.span)
	if reason != "" {
		m.note(c, int(h.at), reason)
	} else if !ok {
		m.missing(c, int(h.at))
	}
	return text, ok
}

// unlike is a span that no value has.
var unlike = span{kind: kindMark}

// lastRead is the span by which a value that was read is known again: rows below
// one element all have those around it.
func lastRead(h *cell, ok bool) span {
	if !ok {
		return unlike
	}
	return h.span
}

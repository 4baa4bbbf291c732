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
	read    textReader
}

func (b *texts) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	for i := range c.hits {
		h := &c.hits[i]
		text, ok := readText(b.read, c, m, h)
		if ok || m.required {
			row := c.first + int(h.row)
			b.start(row)
			b.data = append(b.data, text...)
			b.set(row)
		}
	}
}

// append adds a row with text.
func (b *texts) append(text []byte) {
	row := len(b.offsets)
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

// readText reads a value and notes why there is none.
func readText(read textReader, c *chunk, m *misfits, h *hit) ([]byte, bool) {
	if !h.present() {
		m.missing(c, int(h.row))
		return nil, false
	}
	text, ok, reason := read(c, h.span)
	if reason != "" {
		m.note(c, int(h.row), reason)
	} else if !ok {
		m.missing(c, int(h.row))
	}
	return text, ok
}

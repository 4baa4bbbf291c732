package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// codes builds a dictionary column. The dictionary is that of a page.
type codes struct {
	validity
	values []int32          // up to the reach of validity
	index  map[string]int32 // code by text
	names  []string         // text by code
	words  texts
	recent [recentCodes]int32 // codes that came last, by a sum of their text
	read   texter
}

// recentCodes is how many codes a column finds again without a look-up: a few come
// in most rows.
const recentCodes = 64

func newCodes(c *columnPlan) *codes { return &codes{read: c.texter(), index: map[string]int32{}} }

func (b *codes) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	b.values = extended(b.values, c.first+len(c.rows))
	last, code := unlike, int32(0)
	for i := range c.hits {
		h := &c.hits[i]
		if h.span != last {
			text, ok := b.read.of(c, m, h)
			if !ok && !m.required {
				continue
			}
			last, code = lastRead(h, ok), b.codeOf(text)
		}
		row := c.first + int(h.at)
		b.values[row] = code
		b.set(row)
	}
}

func (b *codes) codeOf(text []byte) int32 {
	place := &b.recent[sumOf(text)%recentCodes]
	if int(*place) < len(b.names) && string(text) == b.names[*place] {
		return *place
	}
	code, ok := b.index[string(text)]
	if !ok {
		name := string(text)
		code = int32(len(b.names))
		b.words.put(int(code), text)
		b.index[name], b.names = code, append(b.names, name)
	}
	*place = code
	return code
}

// sumOf tells most short lists of codes apart, by their ends.
func sumOf[T string | []byte](text T) uint {
	n := uint(len(text))
	if n == 0 {
		return 0
	}
	return n + 7*uint(text[n-1]) + 31*uint(text[n/2])
}

func (b *codes) finish(rows int, mem memory.Allocator, none *nothing) arrow.Array {
	if b.validity.values == 0 {
		return none.of(dictionary, rows)
	}
	b.values = extended(b.values, rows)
	values := bufferOf(mem, arrow.GetBytes(b.values))
	words := b.words.finish(len(b.names), mem, none)
	b.names, b.values = b.names[:0], b.values[:0]
	clear(b.index)
	bits, nulls := b.validity.finish(rows, mem)
	return coded(arrayOf(arrow.PrimitiveTypes.Int32, rows, nulls, bits, values), words)
}

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

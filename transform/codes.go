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

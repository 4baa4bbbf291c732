package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

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

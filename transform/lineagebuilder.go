package transform

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// lineageBuilder collects the lineage columns of one table over a page.
type lineageBuilder struct {
	lines    []int64
	hashes   []uint64
	versions []arrow.Timestamp
}

func (b *lineageBuilder) add(c *chunk) {
	for i := range c.rows {
		l := c.lineOf(i)
		b.lines = append(b.lines, l.number)
		b.hashes = append(b.hashes, l.hash)
		b.versions = append(b.versions, arrow.Timestamp(l.version))
	}
}

// finish gives the columns in the order of lineage.Fields, and starts again.
func (b *lineageBuilder) finish(o lineage.Origin, mapping string, mem memory.Allocator, none *nothing) []arrow.Array {
	n := len(b.lines)
	zeros := none.zerosFor(n)
	constant := func(text string) arrow.Array {
		var words texts
		words.put(0, []byte(text))
		return coded(arrayOf(arrow.PrimitiveTypes.Int32, n, 0, nil, zeros), words.finish(1, mem, none))
	}
	arrays := []arrow.Array{
		constant(o.Source), constant(o.RunID), constant(o.FileID),
		arrayOf(arrow.PrimitiveTypes.Int64, n, 0, nil, bufferOf(mem, arrow.GetBytes(b.lines))),
		sameTime(o.RetrievedAt, n, mem), sameTime(o.TransactionTime, n, mem),
		constant(mapping),
		arrayOf(arrow.PrimitiveTypes.Uint64, n, 0, nil, bufferOf(mem, arrow.GetBytes(b.hashes))),
		arrayOf(instant, n, 0, nil, bufferOf(mem, arrow.GetBytes(b.versions))),
		arrayOf(arrow.FixedWidthTypes.Boolean, n, 0, nil, zeros),
	}
	b.lines, b.hashes, b.versions = b.lines[:0], b.hashes[:0], b.versions[:0]
	return arrays
}

// sameTime gives n times the same.
func sameTime(at time.Time, n int, mem memory.Allocator) arrow.Array {
	buf := memory.NewResizableBuffer(mem)
	buf.Resize(n * arrow.TimestampSizeBytes)
	times, micros := arrow.GetData[arrow.Timestamp](buf.Bytes()), arrow.Timestamp(at.UnixMicro())
	for i := range times {
		times[i] = micros
	}
	return arrayOf(instant, n, 0, nil, buf)
}

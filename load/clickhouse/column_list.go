package clickhouse

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// listColumn holds arrays: where each ends, then all elements.
type listColumn struct {
	elem  column
	ends  buffer[byte]
	count uint64 // elements so far
}

func (c *listColumn) add(a arrow.Array) error {
	lists := a.(*array.List)
	if lists.Len() == 0 {
		return nil
	}
	piece := c.ends.room(8 * lists.Len())
	for i := range lists.Len() {
		start, end := lists.ValueOffsets(i)
		if lists.IsNull(i) && start != end {
			return errors.New("a null list has elements")
		}
		c.count += uint64(end - start)
		piece = binary.LittleEndian.AppendUint64(piece, c.count)
	}
	c.ends.put(piece)
	from, _ := lists.ValueOffsets(0)
	_, to := lists.ValueOffsets(lists.Len() - 1)
	elements := array.NewSlice(lists.ListValues(), from, to)
	defer elements.Release()
	return c.elem.add(elements)
}

func (c *listColumn) prefix() []byte  { return c.elem.prefix() }
func (c *listColumn) skip(n int)      { c.ends.zeros(8 * n) } // at the start: nothing ended yet
func (c *listColumn) parts() [][]byte { return slices.Concat(c.ends.pieces, c.elem.parts()) }
func (c *listColumn) size() int       { return c.ends.n + c.elem.size() }

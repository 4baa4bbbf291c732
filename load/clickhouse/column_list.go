package clickhouse

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// listColumn holds arrays: where each ends, then all elements.
type listColumn struct {
	elem  column
	ends  []byte
	count uint64 // elements so far
}

func (c *listColumn) add(a arrow.Array) error {
	lists := a.(*array.List)
	if lists.Len() == 0 {
		return nil
	}
	for i := range lists.Len() {
		start, end := lists.ValueOffsets(i)
		if lists.IsNull(i) && start != end {
			return errors.New("a null list has elements")
		}
		c.count += uint64(end - start)
		c.ends = binary.LittleEndian.AppendUint64(c.ends, c.count)
	}
	from, _ := lists.ValueOffsets(0)
	_, to := lists.ValueOffsets(lists.Len() - 1)
	elements := array.NewSlice(lists.ListValues(), from, to)
	defer elements.Release()
	return c.elem.add(elements)
}

func (c *listColumn) prefix() []byte  { return c.elem.prefix() }
func (c *listColumn) parts() [][]byte { return append([][]byte{c.ends}, c.elem.parts()...) }
func (c *listColumn) size() int       { return len(c.ends) + c.elem.size() }
func (c *listColumn) reset()          { c.ends, c.count = c.ends[:0], 0; c.elem.reset() }

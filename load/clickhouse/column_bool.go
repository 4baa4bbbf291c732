package clickhouse

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// boolColumn holds truth values, a byte each.
type boolColumn struct {
	nulls
	data buffer[byte]
}

func (c *boolColumn) add(a arrow.Array) error {
	if err := c.nulls.add(a); err != nil {
		return err
	}
	values, piece := a.(*array.Boolean), c.data.room(a.Len())
	for i := range values.Len() {
		var b byte
		if values.IsValid(i) && values.Value(i) {
			b = 1
		}
		piece = append(piece, b)
	}
	c.data.put(piece)
	return nil
}

func (c *boolColumn) prefix() []byte  { return nil }
func (c *boolColumn) skip(n int)      { c.nulls.skip(n); c.data.zeros(n) }
func (c *boolColumn) parts() [][]byte { return slices.Concat(c.nulls.data.pieces, c.data.pieces) }
func (c *boolColumn) size() int       { return c.nulls.data.n + c.data.n }

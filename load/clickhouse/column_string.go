package clickhouse

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// stringColumn holds texts, each after its length.
type stringColumn struct {
	nulls
	data buffer[byte]
}

func (c *stringColumn) add(a arrow.Array) error {
	if err := c.nulls.add(a); err != nil {
		return err
	}
	texts := a.(*array.String)
	piece := c.data.room(len(texts.ValueBytes()) + texts.Len()*binary.MaxVarintLen32)
	for i := range texts.Len() {
		if texts.IsNull(i) {
			piece = append(piece, 0)
			continue
		}
		v := texts.Value(i)
		piece = binary.AppendUvarint(piece, uint64(len(v)))
		piece = append(piece, v...)
	}
	c.data.put(piece)
	return nil
}

func (c *stringColumn) prefix() []byte  { return nil }
func (c *stringColumn) skip(n int)      { c.nulls.skip(n); c.data.zeros(n) }
func (c *stringColumn) parts() [][]byte { return slices.Concat(c.nulls.data.pieces, c.data.pieces) }
func (c *stringColumn) size() int       { return c.nulls.data.n + c.data.n }

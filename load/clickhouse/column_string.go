package clickhouse

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// stringColumn holds texts, each behind its length.
type stringColumn struct {
	nulls
	data []byte
}

func (c *stringColumn) add(a arrow.Array) error {
	if err := c.nulls.add(a); err != nil {
		return err
	}
	texts := a.(*array.String)
	for i := range texts.Len() {
		if texts.IsNull(i) {
			c.data = append(c.data, 0)
			continue
		}
		v := texts.Value(i)
		c.data = binary.AppendUvarint(c.data, uint64(len(v)))
		c.data = append(c.data, v...)
	}
	return nil
}

func (c *stringColumn) prefix() []byte  { return nil }
func (c *stringColumn) parts() [][]byte { return [][]byte{c.nulls.data, c.data} }
func (c *stringColumn) size() int       { return len(c.nulls.data) + len(c.data) }
func (c *stringColumn) reset()          { c.nulls.reset(); c.data = c.data[:0] }

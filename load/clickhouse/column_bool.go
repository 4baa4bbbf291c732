package clickhouse

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// boolColumn holds truth values, a byte each.
type boolColumn struct {
	nulls
	data []byte
}

func (c *boolColumn) add(a arrow.Array) error {
	if err := c.nulls.add(a); err != nil {
		return err
	}
	values := a.(*array.Boolean)
	for i := range values.Len() {
		var b byte
		if values.IsValid(i) && values.Value(i) {
			b = 1
		}
		c.data = append(c.data, b)
	}
	return nil
}

func (c *boolColumn) prefix() []byte  { return nil }
func (c *boolColumn) parts() [][]byte { return [][]byte{c.nulls.data, c.data} }
func (c *boolColumn) size() int       { return len(c.nulls.data) + len(c.data) }
func (c *boolColumn) reset()          { c.nulls.reset(); c.data = c.data[:0] }

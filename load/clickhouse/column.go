package clickhouse

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// column collects the values of one column in ClickHouse's Native encoding, in
// which a column's values are one after the other. Batches are appended column
// by column; nothing is done per value but where the encodings differ.
//
// clickhouse-go's own Append is not used: it looks at each value of a
// LowCardinality or Decimal column by reflection, which takes ten times as long.
type column interface {
	// add appends the values of an Arrow array of the column's type.
	add(a arrow.Array) error
	// prefix is what comes before the values in a Native block.
	prefix() []byte
	// skip appends n nulls; where there are no nulls, lists, n empty ones.
	skip(n int)
	// parts are the values, encoded: valid until the next add.
	parts() [][]byte
	// size is the memory held, in bytes.
	size() int
}

// newColumn makes the column for an Arrow type.
func newColumn(t arrow.DataType, nullable bool) (column, error) {
	switch t := t.(type) {
	case *arrow.StringType:
		return &stringColumn{nulls: nulls{on: nullable}}, nil
	case *arrow.BooleanType:
		return &boolColumn{nulls: nulls{on: nullable}}, nil
	case *arrow.DictionaryType:
		return newCodeColumn(nullable), nil
	case *arrow.ListType:
		elem, err := newColumn(t.Elem(), t.ElemField().Nullable)
		return &listColumn{elem: elem}, err
	}
	width, values, err := fixedValues(t)
	if err != nil {
		return nil, err
	}
	return &fixedColumn{nulls: nulls{on: nullable}, width: width, values: values}, nil
}

// nulls is the map of a Nullable column: a byte a row, 1 for null.
type nulls struct {
	on   bool
	data buffer[byte]
}

func (n *nulls) add(a arrow.Array) error {
	if !n.on {
		if a.NullN() > 0 {
			return fmt.Errorf("null in a column without nulls")
		}
		return nil
	}
	rows := a.Len()
	n.data.zeros(rows)
	if a.NullN() == 0 {
		return nil
	}
	last := n.data.pieces[len(n.data.pieces)-1]
	last = last[len(last)-rows:]
	for i := range last {
		if a.IsNull(i) {
			last[i] = 1
		}
	}
	return nil
}

func (n *nulls) skip(rows int) {
	piece := n.data.room(rows)
	for range rows {
		piece = append(piece, 1)
	}
	n.data.put(piece)
}

// constant is a UInt32 that is the same in each row.
type constant struct {
	value uint32
	data  buffer[byte]
}

func (c *constant) grow(rows int) {
	piece := c.data.room(4 * rows)
	for range rows {
		piece = binary.LittleEndian.AppendUint32(piece, c.value)
	}
	c.data.put(piece)
}

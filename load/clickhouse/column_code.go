package clickhouse

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Parts of a LowCardinality column's head in the Native format (ClickHouse,
// SerializationLowCardinality).
const (
	sharedDictionaries = 1
	additionalKeys     = 1 << 9
	updateDictionary   = 1 << 10
)

// codeColumn holds codes as places in a dictionary, LowCardinality. Each batch
// has its own dictionary; they are joined entry by entry, not row by row.
type codeColumn struct {
	nullable bool
	places   map[string]uint32 // of each code in the dictionary
	dict     []byte            // codes after their lengths; first the null and the empty one
	entries  int
	rows     buffer[uint32] // place of each row's code
}

func newCodeColumn(nullable bool) *codeColumn {
	// Every dictionary begins with the null, which reads as the empty code where there
	// are no nulls, and with nulls goes on with the empty code.
	if nullable {
		return &codeColumn{nullable: true, places: map[string]uint32{"": 1}, dict: []byte{0, 0}, entries: 2}
	}
	return &codeColumn{places: map[string]uint32{"": 0}, dict: []byte{0}, entries: 1}
}

func (c *codeColumn) add(a arrow.Array) error {
	d := a.(*array.Dictionary)
	codes, ok := d.Dictionary().(*array.String)
	indices, isInt := d.Indices().(*array.Int32)
	if !ok || !isInt {
		return fmt.Errorf("codes of type %s", d.DataType())
	}
	if d.NullN() > 0 && !c.nullable {
		return fmt.Errorf("null in a column without nulls")
	}
	places := make([]uint32, codes.Len())
	for i := range places {
		places[i] = c.place(codes.Value(i))
	}
	piece := c.rows.room(d.Len())
	for i, k := range indices.Int32Values() {
		if indices.IsNull(i) {
			piece = append(piece, 0)
			continue
		}
		piece = append(piece, places[k])
	}
	c.rows.put(piece)
	return nil
}

// place finds a code in the dictionary, or adds it.
func (c *codeColumn) place(code string) uint32 {
	if p, ok := c.places[code]; ok {
		return p
	}
	p := uint32(c.entries)
	// A copy: Arrow's memory is the batch's.
	c.dict = binary.AppendUvarint(c.dict, uint64(len(code)))
	c.dict = append(c.dict, code...)
	c.places[strings.Clone(code)] = p
	c.entries++
	return p
}

func (c *codeColumn) prefix() []byte {
	return binary.LittleEndian.AppendUint64(nil, sharedDictionaries)
}

func (c *codeColumn) parts() [][]byte {
	if c.rows.n == 0 {
		return nil
	}
	width, encoded := c.encodeRows()
	head := binary.LittleEndian.AppendUint64(nil, additionalKeys|updateDictionary|width)
	head = binary.LittleEndian.AppendUint64(head, uint64(c.entries))
	count := binary.LittleEndian.AppendUint64(nil, uint64(c.rows.n))
	return [][]byte{head, c.dict, count, encoded}
}

// encodeRows writes the places as narrow as the dictionary allows: 1, 2 or 4
// bytes, which ClickHouse calls 0, 1 and 2.
func (c *codeColumn) encodeRows() (width uint64, encoded []byte) {
	bytes := 4
	switch {
	case c.entries <= math.MaxUint8+1:
		width, bytes = 0, 1
	case c.entries <= math.MaxUint16+1:
		width, bytes = 1, 2
	default:
		width = 2
	}
	encoded = make([]byte, 0, bytes*c.rows.n)
	for _, piece := range c.rows.pieces {
		for _, p := range piece {
			switch width {
			case 0:
				encoded = append(encoded, byte(p))
			case 1:
				encoded = binary.LittleEndian.AppendUint16(encoded, uint16(p))
			default:
				encoded = binary.LittleEndian.AppendUint32(encoded, p)
			}
		}
	}
	return width, encoded
}

func (c *codeColumn) skip(n int) { c.rows.zeros(n) }

// entryCost is the memory of a dictionary entry without its text, in bytes.
const entryCost = 48

func (c *codeColumn) size() int { return 2*len(c.dict) + entryCost*c.entries + 8*c.rows.n }

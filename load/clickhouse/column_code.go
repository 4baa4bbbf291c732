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
	dict     []byte            // codes behind their lengths; first the null and the empty one
	entries  int
	rows     []uint32 // place of each row's code
	encoded  []byte   // rows at the width that the dictionary needs
}

func newCodeColumn(nullable bool) *codeColumn {
	c := &codeColumn{nullable: nullable, places: map[string]uint32{}}
	c.reset()
	return c
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
	for i, k := range indices.Int32Values() {
		if indices.IsNull(i) {
			c.rows = append(c.rows, 0)
			continue
		}
		c.rows = append(c.rows, places[k])
	}
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
	if len(c.rows) == 0 {
		return nil
	}
	width := c.encodeRows()
	head := binary.LittleEndian.AppendUint64(nil, additionalKeys|updateDictionary|width)
	head = binary.LittleEndian.AppendUint64(head, uint64(c.entries))
	count := binary.LittleEndian.AppendUint64(nil, uint64(len(c.rows)))
	return [][]byte{head, c.dict, count, c.encoded}
}

// encodeRows writes the places as narrow as the dictionary allows: 1, 2 or 4
// bytes, which ClickHouse calls 0, 1 and 2.
func (c *codeColumn) encodeRows() (width uint64) {
	c.encoded = c.encoded[:0]
	switch {
	case c.entries <= math.MaxUint8+1:
		for _, p := range c.rows {
			c.encoded = append(c.encoded, byte(p))
		}
		return 0
	case c.entries <= math.MaxUint16+1:
		for _, p := range c.rows {
			c.encoded = binary.LittleEndian.AppendUint16(c.encoded, uint16(p))
		}
		return 1
	}
	for _, p := range c.rows {
		c.encoded = binary.LittleEndian.AppendUint32(c.encoded, p)
	}
	return 2
}

// entryCost is the memory of a dictionary entry beside its text, in bytes.
const entryCost = 48

func (c *codeColumn) size() int { return 2*len(c.dict) + entryCost*c.entries + 8*len(c.rows) }

// reset leaves the entries that every dictionary begins with: the null (which
// reads as the empty code where there are no nulls) and, with nulls, the empty
// code.
func (c *codeColumn) reset() {
	clear(c.places)
	c.dict, c.entries, c.rows = append(c.dict[:0], 0), 1, c.rows[:0]
	if c.nullable {
		c.dict, c.entries = append(c.dict, 0), 2
	}
	c.places[""] = uint32(c.entries - 1)
}

package clickhouse

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// fixedColumn holds values of one width, which lie in Arrow's memory as
// ClickHouse wants them, or nearly so.
type fixedColumn struct {
	nulls
	width  int
	values func(out []byte, a arrow.Array) []byte
	data   buffer[byte]
}

func (c *fixedColumn) add(a arrow.Array) error {
	if err := c.nulls.add(a); err != nil {
		return err
	}
	piece := c.data.room(c.width * a.Len())
	at := len(piece)
	piece = c.values(piece, a)
	c.data.put(piece)
	if a.NullN() == 0 {
		return nil
	}
	// Arrow says nothing about the bytes below a null; zeros compress.
	for i := range a.Len() {
		if a.IsNull(i) {
			clear(piece[at+i*c.width : at+(i+1)*c.width])
		}
	}
	return nil
}

func (c *fixedColumn) prefix() []byte  { return nil }
func (c *fixedColumn) skip(n int)      { c.nulls.skip(n); c.data.zeros(c.width * n) }
func (c *fixedColumn) parts() [][]byte { return slices.Concat(c.nulls.data.pieces, c.data.pieces) }
func (c *fixedColumn) size() int       { return c.nulls.data.n + c.data.n }

// fixedValues is the width of a type's values in ClickHouse, in bytes, and the
// function that appends them.
func fixedValues(t arrow.DataType) (int, func([]byte, arrow.Array) []byte, error) {
	switch t := t.(type) {
	case *arrow.Int32Type:
		return 4, func(out []byte, a arrow.Array) []byte {
			return append(out, arrow.Int32Traits.CastToBytes(a.(*array.Int32).Int32Values())...)
		}, nil
	case *arrow.Int64Type:
		return 8, func(out []byte, a arrow.Array) []byte {
			return append(out, arrow.Int64Traits.CastToBytes(a.(*array.Int64).Int64Values())...)
		}, nil
	case *arrow.Uint64Type:
		return 8, func(out []byte, a arrow.Array) []byte {
			return append(out, arrow.Uint64Traits.CastToBytes(a.(*array.Uint64).Uint64Values())...)
		}, nil
	case *arrow.Date32Type:
		return 4, addDates, nil
	case *arrow.TimestampType:
		return 8, addInstants, nil
	case *arrow.Decimal128Type:
		width, add := decimalValues(t)
		return width, add, nil
	}
	return 0, nil, fmt.Errorf("no ClickHouse type for Arrow's %s", t)
}

// The first and the last day and microsecond that Date32 and DateTime64 hold.
var (
	firstDay  = int32(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	lastDay   = int32(time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	firstTime = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastTime  = time.Date(2299, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()
)

func addDates(out []byte, a arrow.Array) []byte {
	for _, d := range a.(*array.Date32).Date32Values() {
		out = binary.LittleEndian.AppendUint32(out, uint32(min(max(int32(d), firstDay), lastDay)))
	}
	return out
}

func addInstants(out []byte, a arrow.Array) []byte {
	for _, t := range a.(*array.Timestamp).TimestampValues() {
		out = binary.LittleEndian.AppendUint64(out, uint64(min(max(int64(t), firstTime), lastTime)))
	}
	return out
}

// decimalValues narrows Arrow's 128 bits to what ClickHouse uses for the
// precision: 32 bits up to 9 digits, 64 up to 18, else 128.
func decimalValues(t *arrow.Decimal128Type) (int, func([]byte, arrow.Array) []byte) {
	switch {
	case t.Precision <= 9:
		return 4, func(out []byte, a arrow.Array) []byte {
			for _, d := range a.(*array.Decimal128).Values() {
				out = binary.LittleEndian.AppendUint32(out, uint32(d.LowBits()))
			}
			return out
		}
	case t.Precision <= 18:
		return 8, func(out []byte, a arrow.Array) []byte {
			for _, d := range a.(*array.Decimal128).Values() {
				out = binary.LittleEndian.AppendUint64(out, d.LowBits())
			}
			return out
		}
	}
	return 16, func(out []byte, a arrow.Array) []byte {
		return append(out, arrow.Decimal128Traits.CastToBytes(a.(*array.Decimal128).Values())...)
	}
}

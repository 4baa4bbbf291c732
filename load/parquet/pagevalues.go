package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// pageValues are some rows of a page of a flat column, read without a pq.Value
// in between: the way of the writer, backwards.
type pageValues struct {
	rows []int32         // where the value of each row stands in list; null rows have none, -1
	list encoding.Values // of the page, or of its dictionary
}

const noValue = -1

// valuesOf reads the rows that keep says of.
func valuesOf(page pq.Page, l *leaf, keep []bool) pageValues {
	v := pageValues{list: page.Data(), rows: make([]int32, 0, len(keep))}
	var index []int32
	if dictionary := page.Dictionary(); dictionary != nil {
		index, v.list = v.list.Int32(), dictionary.Page().Data()
	}
	levels, next := page.DefinitionLevels(), int32(0)
	for i, kept := range keep {
		at := int32(noValue)
		if len(levels) == 0 || levels[i] == l.maxDef {
			at = next
			next++
		}
		if !kept {
			continue
		}
		if at != noValue && index != nil {
			at = index[at]
		}
		v.rows = append(v.rows, at)
	}
	return v
}

// codes makes a dictionary array with the page's dictionary.
func (v pageValues) codes(t *arrow.DictionaryType) (arrow.Array, error) {
	codes, words := array.NewInt32Builder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	defer codes.Release()
	defer words.Release()
	if data, offsets := v.list.ByteArray(); len(offsets) > 0 {
		for i := range offsets[1:] {
			words.BinaryBuilder.Append(data[offsets[i]:offsets[i+1]])
		}
	}
	gather(codes, v.rows, func(at int32) int32 { return at })
	c, w := codes.NewArray(), words.NewArray()
	defer c.Release()
	defer w.Release()
	return array.NewDictionaryArray(t, c, w), nil
}

// appendTo appends the rows to a builder of the column's Arrow type.
func (v pageValues) appendTo(b array.Builder) error {
	switch b := b.(type) {
	case *array.StringBuilder:
		data, offsets := v.list.ByteArray()
		gather(b.BinaryBuilder, v.rows, func(at int32) []byte { return data[offsets[at]:offsets[at+1]] })
	case *array.BooleanBuilder:
		bits := v.list.Boolean()
		gather(b, v.rows, func(at int32) bool { return bits[at/8]>>(at%8)&1 == 1 })
	case *array.Int32Builder:
		list := v.list.Int32()
		gather(b, v.rows, func(at int32) int32 { return list[at] })
	case *array.Date32Builder:
		list := v.list.Int32()
		gather(b, v.rows, func(at int32) arrow.Date32 { return arrow.Date32(list[at]) })
	case *array.Int64Builder:
		list := v.list.Int64()
		gather(b, v.rows, func(at int32) int64 { return list[at] })
	case *array.TimestampBuilder:
		list := v.list.Int64()
		gather(b, v.rows, func(at int32) arrow.Timestamp { return arrow.Timestamp(list[at]) })
	case *array.Uint64Builder:
		list := v.list.Uint64()
		gather(b, v.rows, func(at int32) uint64 { return list[at] })
	case *array.Decimal128Builder:
		return v.appendDecimals(b)
	default:
		return fmt.Errorf("no way to read Arrow's %s", b.Type())
	}
	return nil
}

func (v pageValues) appendDecimals(b *array.Decimal128Builder) error {
	switch v.list.Kind() {
	case encoding.Int64:
		list := v.list.Int64()
		gather(b, v.rows, func(at int32) decimal128.Num { return decimal128.FromI64(list[at]) })
	case encoding.FixedLenByteArray:
		data, width := v.list.FixedLenByteArray()
		gather(b, v.rows, func(at int32) decimal128.Num { return decimalOf(data[int(at)*width : int(at+1)*width]) })
	default:
		return errors.New("a decimal is neither INT64 nor FIXED_LEN_BYTE_ARRAY")
	}
	return nil
}

// gather appends the values of the rows.
func gather[T any](b interface {
	Append(T)
	AppendNull()
}, rows []int32, value func(at int32) T) {
	for _, at := range rows {
		if at == noValue {
			b.AppendNull()
		} else {
			b.Append(value(at))
		}
	}
}

// decimalOf reads a big-endian two's complement.
func decimalOf(raw []byte) decimal128.Num {
	high, low := int64(int8(raw[0]))>>8, uint64(0) // the sign in all bits
	for _, b := range raw {
		high, low = high<<8|int64(low>>56), low<<8|uint64(b)
	}
	return decimal128.New(high, low)
}

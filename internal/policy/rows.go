package policy

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// appendRows appends some rows of a column to a builder of its type.
func appendRows(b array.Builder, in arrow.Array, rows []int) error {
	for _, row := range rows {
		if in.IsNull(row) {
			b.AppendNull()
			continue
		}
		if err := appendRow(b, in, row); err != nil {
			return err
		}
	}
	return nil
}

// appendRow appends a value of any type that a mapping's column can have.
func appendRow(b array.Builder, in arrow.Array, row int) error {
	switch a := in.(type) {
	case *array.String:
		b.(*array.StringBuilder).Append(a.Value(row))
	case *array.Dictionary:
		return b.(*array.BinaryDictionaryBuilder).AppendString(a.Dictionary().(*array.String).Value(a.GetValueIndex(row)))
	case *array.Boolean:
		b.(*array.BooleanBuilder).Append(a.Value(row))
	case *array.Int32:
		b.(*array.Int32Builder).Append(a.Value(row))
	case *array.Int64:
		b.(*array.Int64Builder).Append(a.Value(row))
	case *array.Uint64:
		b.(*array.Uint64Builder).Append(a.Value(row))
	case *array.Date32:
		b.(*array.Date32Builder).Append(a.Value(row))
	case *array.Timestamp:
		b.(*array.TimestampBuilder).Append(a.Value(row))
	case *array.Decimal128:
		b.(*array.Decimal128Builder).Append(a.Value(row))
	case *array.List:
		l := b.(*array.ListBuilder)
		l.Append(true)
		from, to := a.ValueOffsets(row)
		for i := from; i < to; i++ {
			if err := appendRows(l.ValueBuilder(), a.ListValues(), []int{int(i)}); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("rows of type %s", in.DataType())
	}
	return nil
}

package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"
)

// keptLists reads the kept rows of a page of a list column.
func keptLists(page pq.Page, l *leaf, keep []bool) (arrow.Array, error) {
	b := array.NewBuilder(memory.DefaultAllocator, l.field.Type).(*array.ListBuilder)
	defer b.Release()
	row := -1
	var failed error
	err := eachOf(page, make([]pq.Value, 1024), func(v pq.Value) {
		if v.RepetitionLevel() == 0 {
			row++
		}
		if failed == nil && keep[row] {
			failed = appendElement(b, l, v)
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}

// appendElement appends an element of a list, or a list without any.
func appendElement(b *array.ListBuilder, l *leaf, v pq.Value) error {
	level := v.DefinitionLevel()
	if level < int(l.empty) {
		b.AppendNull()
		return nil
	}
	if v.RepetitionLevel() == 0 {
		b.Append(true)
	}
	if level == int(l.empty) {
		return nil
	}
	switch element := b.ValueBuilder().(type) {
	case *array.Int32Builder:
		if !v.IsNull() {
			element.Append(v.Int32())
			return nil
		}
	case *array.StringBuilder:
		if !v.IsNull() {
			element.BinaryBuilder.Append(v.ByteArray())
			return nil
		}
	default:
		return fmt.Errorf("no way to read a list of Arrow's %s", element.Type())
	}
	b.ValueBuilder().AppendNull()
	return nil
}

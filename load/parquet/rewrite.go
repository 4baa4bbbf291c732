package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// rewrite writes the rows of p that keep says of to path, and no file when
// there are none. keep holds a flag a row for each row group.
func (p *partFile) rewrite(path string, keep [][]bool) error {
	l, err := layoutOf(p.schema)
	if err != nil {
		return err
	}
	t := newTableWriter(&l)
	for i, g := range p.parts.RowGroups() {
		if !anyOf(keep[i]) {
			continue
		}
		if t.file == nil {
			if t.file, err = create(path); err != nil {
				return err
			}
		}
		if err := p.copyGroup(g, t, keep[i]); err != nil {
			t.file.abandon()
			return err
		}
	}
	if t.file == nil {
		return nil
	}
	_, err = t.file.close(&l, p.runID)
	return err
}

func anyOf(flags []bool) bool {
	for _, f := range flags {
		if f {
			return true
		}
	}
	return false
}

// copyGroup writes the kept rows of a row group as one, column by column.
func (p *partFile) copyGroup(g pq.RowGroup, t *tableWriter, keep []bool) error {
	for i, c := range g.ColumnChunks() {
		b := array.NewBuilder(memory.DefaultAllocator, p.schema.Field(i).Type)
		err := readKept(c, t.chunks[i].leaf, keep, b)
		column := b.NewArray()
		b.Release()
		if err == nil {
			err = t.chunks[i].add(column)
		}
		column.Release()
		if err != nil {
			return fmt.Errorf("copy column %s: %w", p.schema.Field(i).Name, err)
		}
	}
	return t.file.writeGroup(t.chunks)
}

// readKept appends the kept rows of a column to an Arrow builder.
func readKept(c pq.ColumnChunk, l *leaf, keep []bool, b array.Builder) error {
	list, isList := b.(*array.ListBuilder)
	row := -1
	var failed error
	err := eachValue(c, func(v pq.Value) {
		if v.RepetitionLevel() == 0 {
			row++
		}
		if failed != nil || row >= len(keep) || !keep[row] {
			return
		}
		if isList {
			failed = appendElement(list, l, v)
		} else {
			failed = appendValue(b, v)
		}
	})
	return errors.Join(err, failed)
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
	return appendValue(b.ValueBuilder(), v)
}

func appendValue(b array.Builder, v pq.Value) error {
	if v.IsNull() {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BinaryDictionaryBuilder:
		return b.Append(v.ByteArray())
	case *array.StringBuilder:
		b.BinaryBuilder.Append(v.ByteArray())
	case *array.BooleanBuilder:
		b.Append(v.Boolean())
	case *array.Int32Builder:
		b.Append(v.Int32())
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.Int32()))
	case *array.Int64Builder:
		b.Append(v.Int64())
	case *array.Uint64Builder:
		b.Append(v.Uint64())
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Int64()))
	case *array.Decimal128Builder:
		b.Append(decimalOf(v))
	default:
		return fmt.Errorf("no way to read Arrow's %s", b.Type())
	}
	return nil
}

// decimalOf reads a decimal, INT64 or a big-endian two's complement.
func decimalOf(v pq.Value) decimal128.Num {
	if v.Kind() == pq.Kind(format.Int64) {
		return decimal128.FromI64(v.Int64())
	}
	raw := v.ByteArray()
	high, low := int64(int8(raw[0]))>>8, uint64(0) // the sign in all bits
	for _, b := range raw {
		high, low = high<<8|int64(low>>56), low<<8|uint64(b)
	}
	return decimal128.New(high, low)
}

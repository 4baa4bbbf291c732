package policy

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// exclude gives a batch without the rows of some lines; nil where none is left. In a
// main table there are tombstones in their place: an earlier copy may be loaded.
func exclude(mem memory.Allocator, b arrow.Record, lines map[int64]bool) (arrow.Record, error) {
	if len(lines) == 0 {
		b.Retain()
		return b, nil
	}
	t, err := table.Of(b.Schema())
	if err != nil {
		return nil, err
	}
	var kept, gone []int
	for row, at := 0, linesOf(b); row < at.Len(); row++ {
		if lines[at.Value(row)] {
			gone = append(gone, row)
		} else {
			kept = append(kept, row)
		}
	}
	if len(gone) == 0 {
		b.Retain()
		return b, nil
	}
	if !t.IsRoot() {
		gone = nil
	}
	if len(kept)+len(gone) == 0 {
		return nil, nil
	}
	arrays := make([]arrow.Array, b.NumCols())
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i, f := range b.Schema().Fields() {
		if arrays[i], err = without(mem, b.Column(i), f, kept, gone); err != nil {
			return nil, err
		}
	}
	return array.NewRecord(b.Schema(), arrays, int64(len(kept)+len(gone))), nil
}

// without gives a column of the rows that are kept, and after them of the tombstones.
func without(mem memory.Allocator, in arrow.Array, f arrow.Field, kept, gone []int) (arrow.Array, error) {
	b := array.NewBuilder(mem, in.DataType())
	defer b.Release()
	if err := appendRows(b, in, kept); err != nil {
		return nil, err
	}
	switch {
	case f.Name == lineage.Deleted:
		for range gone {
			b.(*array.BooleanBuilder).Append(true)
		}
	case f.Nullable:
		b.AppendNulls(len(gone))
	default:
		if err := appendRows(b, in, gone); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

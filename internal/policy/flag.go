package policy

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/table"
)

// flag gives a batch of a main table in which the rows of some lines have more labels;
// that of another table as it is. The caller releases it.
func flag(mem memory.Allocator, b arrow.Record, labels map[int64][]string) (arrow.Record, error) {
	if len(labels) == 0 {
		b.Retain()
		return b, nil
	}
	t, err := table.Of(b.Schema())
	if err != nil {
		return nil, err
	}
	if !t.IsRoot() {
		b.Retain()
		return b, nil
	}
	at := b.Schema().FieldIndices(securityColumn)[0] // Compile has looked for it
	more := withLabels(mem, b.Column(at).(*array.List), linesOf(b), labels)
	defer more.Release()
	return b.SetColumn(at, more)
}

// withLabels gives the labels of rows, and after them those of their lines, each once.
func withLabels(mem memory.Allocator, in *array.List, lines *array.Int64, labels map[int64][]string) arrow.Array {
	b := array.NewBuilder(mem, in.DataType()).(*array.ListBuilder)
	defer b.Release()
	codes, texts := in.ListValues().(*array.String), b.ValueBuilder().(*array.StringBuilder)
	for row := range in.Len() {
		more := labels[lines.Value(row)]
		if in.IsNull(row) && len(more) == 0 {
			b.AppendNull()
			continue
		}
		b.Append(true)
		var has []string
		for from, to := in.ValueOffsets(row); from < to && in.IsValid(row); from++ {
			has = append(has, codes.Value(int(from)))
		}
		texts.AppendValues(has, nil)
		for _, label := range more {
			if !slices.Contains(has, label) {
				texts.Append(label)
			}
		}
	}
	return b.NewArray()
}

// labelled reports whether a table has a column for labels.
func labelled(s *arrow.Schema) bool {
	at := s.FieldIndices(securityColumn)
	if len(at) == 0 {
		return false
	}
	list, ok := s.Field(at[0]).Type.(*arrow.ListType)
	return ok && list.Elem().ID() == arrow.STRING
}

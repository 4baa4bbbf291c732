package policy

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// securityColumn has the codes of meta.security, in main tables.
const securityColumn = "security_codes"

// hidden are the lines whose resources are left out: with one of the labels, or with
// one of the codes in any column of any of their rows.
func (p *Policy) hidden(batches []arrow.Record) map[int64]bool {
	found := map[int64]bool{}
	if len(p.labels)+len(p.codes) == 0 {
		return found
	}
	for _, b := range batches {
		lines := linesOf(b)
		for i, f := range b.Schema().Fields() {
			if isLineage(f.Name) {
				continue
			}
			p.look(b, i, func(row int) { found[lines.Value(row)] = true })
		}
	}
	return found
}

func linesOf(b arrow.Record) *array.Int64 {
	return b.Column(b.Schema().FieldIndices(lineage.Line)[0]).(*array.Int64)
}

// look calls hit for the rows whose value in a column is sensitive.
func (p *Policy) look(b arrow.Record, column int, hit func(row int)) {
	name := b.Schema().Field(column).Name
	switch a := b.Column(column).(type) {
	case *array.Dictionary:
		systems := systemOf(b, name)
		for row := range a.Len() {
			if code := textAt(a, row); code != "" && (p.codes[code] || p.codes[textAt(systems, row)+"|"+code]) {
				hit(row)
			}
		}
	case *array.List:
		set := p.codes
		if name == securityColumn {
			set = p.labels
		}
		codes, ok := a.ListValues().(*array.String)
		for row := range a.Len() {
			for from, to := a.ValueOffsets(row); ok && from < to; from++ {
				if codes.IsValid(int(from)) && set[codes.Value(int(from))] {
					hit(row)
				}
			}
		}
	}
}

// systemOf is the column with the systems of a column's codes; nil for none.
func systemOf(b arrow.Record, column string) *array.Dictionary {
	of, ok := strings.CutSuffix(column, "code")
	if !ok {
		return nil
	}
	if at := b.Schema().FieldIndices(of + "system"); len(at) == 1 {
		systems, _ := b.Column(at[0]).(*array.Dictionary)
		return systems
	}
	return nil
}

// textAt is the code in a row; "" for none.
func textAt(a *array.Dictionary, i int) string {
	if a == nil || a.IsNull(i) {
		return ""
	}
	texts, ok := a.Dictionary().(*array.String)
	if !ok {
		return ""
	}
	return texts.Value(a.GetValueIndex(i))
}

// exclude gives a batch without the rows of some lines; nil where none is left. In a
// main table there are tombstones in their place: an earlier copy may be loaded.
func exclude(b arrow.Record, lines map[int64]bool) (arrow.Record, error) {
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
		if arrays[i], err = without(b.Column(i), f, kept, gone); err != nil {
			return nil, err
		}
	}
	return array.NewRecord(b.Schema(), arrays, int64(len(kept)+len(gone))), nil
}

// without gives a column of the rows that are kept, and behind them of the tombstones.
func without(in arrow.Array, f arrow.Field, kept, gone []int) (arrow.Array, error) {
	b := array.NewBuilder(memory.DefaultAllocator, in.DataType())
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

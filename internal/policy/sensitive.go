package policy

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/claimlake/claimlake/internal/lineage"
)

// securityColumn has the codes of meta.security, in main tables.
const securityColumn = "security_codes"

// found are the lines of a page with something sensitive.
type found struct {
	hidden map[int64]bool
	labels map[int64][]string
}

// find looks for the policy's labels and codes in the lines that the rows are of, and in
// the rows: a mapping may make codes that no line has.
func (p *Policy) find(page lineage.Page, batches []arrow.Record) found {
	in := found{map[int64]bool{}, map[int64][]string{}}
	if len(p.labels)+len(p.codes) == 0 {
		return in
	}
	p.findInLines(page, batches, in)
	for _, b := range batches {
		lines := linesOf(b)
		for i, f := range b.Schema().Fields() {
			switch {
			case isLineage(f.Name):
			case f.Name == securityColumn:
				eachCode(b, i, func(row int, label, _ string) {
					p.labels.each(coding{anySystem, label}, func(s sensitivity) { in.add(lines.Value(row), s) })
				})
			case len(p.codes) > 0:
				eachCode(b, i, func(row int, code, system string) {
					p.codes.each(coding{system, code}, func(s sensitivity) { in.add(lines.Value(row), s) })
				})
			}
		}
	}
	for line := range in.hidden {
		delete(in.labels, line)
	}
	return in
}

func (f found) add(line int64, s sensitivity) {
	if s.hidden {
		f.hidden[line] = true
	} else if !slices.Contains(f.labels[line], s.label) {
		f.labels[line] = append(f.labels[line], s.label)
	}
}

func linesOf(b arrow.Record) *array.Int64 {
	return b.Column(b.Schema().FieldIndices(lineage.Line)[0]).(*array.Int64)
}

// eachCode calls f for the codes of a column, in order; the system is "" where no column
// has it. Those of lists are of any system: where the policy wants one, the line decides.
func eachCode(b arrow.Record, column int, f func(row int, code, system string)) {
	switch a := b.Column(column).(type) {
	case *array.Dictionary:
		systems := systemOf(b, b.Schema().Field(column).Name)
		for row := range a.Len() {
			if code := textAt(a, row); code != "" {
				f(row, code, textAt(systems, row))
			}
		}
	case *array.List:
		codes, ok := a.ListValues().(*array.String)
		for row := range a.Len() {
			for from, to := a.ValueOffsets(row); ok && from < to; from++ {
				if codes.IsValid(int(from)) {
					f(row, codes.Value(int(from)), anySystem)
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

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

// sensitivity is what a code makes of the resources that have it.
type sensitivity struct {
	system string // of the code; "" for any
	hidden bool   // they are left out
	label  string // else they get this
}

// sensitive is what each code of the policy makes of resources.
func (s Spec) sensitive() map[string][]sensitivity {
	codes := map[string][]sensitivity{}
	add := func(text string, as sensitivity) {
		code := text
		if at := strings.LastIndexByte(text, '|'); at >= 0 {
			as.system, code = text[:at], text[at+1:]
		}
		codes[code] = append(codes[code], as)
	}
	for _, code := range s.Codes {
		add(code, sensitivity{hidden: true})
	}
	for _, flag := range s.Flags {
		for _, code := range flag.Codes {
			add(code, sensitivity{label: flag.Label})
		}
	}
	return codes
}

// found are the lines of a page with something sensitive.
type found struct {
	hidden map[int64]bool
	labels map[int64][]string
}

// find looks for the policy's labels, and for its codes in any column.
func (p *Policy) find(batches []arrow.Record) found {
	in := found{map[int64]bool{}, map[int64][]string{}}
	if len(p.labels)+len(p.codes) == 0 {
		return in
	}
	for _, b := range batches {
		lines := linesOf(b)
		for i, f := range b.Schema().Fields() {
			switch {
			case isLineage(f.Name):
			case f.Name == securityColumn:
				eachCode(b, i, func(row int, label, _ string) {
					if p.labels[label] {
						in.hidden[lines.Value(row)] = true
					}
				})
			case len(p.codes) > 0:
				eachCode(b, i, func(row int, code, system string) {
					for _, s := range p.codes[code] {
						if s.system == "" || s.system == system {
							in.add(lines.Value(row), s)
						}
					}
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
// has it.
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
					f(row, codes.Value(int(from)), "")
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

package transform

import (
	"github.com/claimlake/claimlake/internal/table"
)

// Fallback is a column whose path the compiler left to gjson.
type Fallback struct {
	Table  string
	Column string
	Path   string // as the mapping writes it
	Rest   string // the part that gjson evaluates, on the value before it
}

// Explain lists the columns that are not read by the compiled scan alone. They
// are right, but slower.
func (p *Plan) Explain() []Fallback {
	var list []Fallback
	for _, s := range p.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			continue // Schemas are made by Compile, with their metadata
		}
		list = append(list, p.tablePlan(t.Name).fallbacks()...)
	}
	return list
}

func (p *Plan) tablePlan(name string) *tablePlan {
	for _, rp := range p.resources {
		for _, t := range rp.tables {
			if t.name == name {
				return t
			}
		}
	}
	return nil
}

func (t *tablePlan) fallbacks() []Fallback {
	var list []Fallback
	for _, c := range t.columns {
		for _, s := range c.column.sources {
			if s.path.rest != "" {
				list = append(list, Fallback{Table: t.name, Column: c.name, Path: s.text, Rest: s.path.rest})
			}
		}
	}
	return list
}

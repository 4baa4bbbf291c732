package transform

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Plan is what a set of mappings compiles to. It does not change and is shared
// by all workers.
type Plan struct {
	resources []*resourcePlan
	byType    map[string]*resourcePlan
	slots     int32 // of all scopes
}

// Compile makes the plan for mappings. The error lists the resource types and
// tables that more than one mapping claims.
func Compile(mappings []*Mapping) (*Plan, error) {
	p := &Plan{byType: map[string]*resourcePlan{}}
	var problems []error
	owner := map[string]string{}
	for _, m := range mappings {
		if other := p.byType[m.Resource]; other != nil {
			problems = append(problems, fmt.Errorf("%s and %s both map %s: leave one out", other.mapping.id, m.id, m.Resource))
			continue
		}
		for _, t := range m.Tables {
			if owner[t.Name] != "" {
				problems = append(problems, fmt.Errorf("%s and %s both have a table %s: rename one", owner[t.Name], m.id, t.Name))
			}
			owner[t.Name] = m.id
		}
		rp, err := compileResource(m)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		p.resources, p.byType[m.Resource] = append(p.resources, rp), rp
	}
	p.number()
	return p, errors.Join(problems...)
}

// number numbers the slots of all scopes.
func (p *Plan) number() {
	for _, rp := range p.resources {
		for _, sc := range rp.scopes {
			sc.first = p.slots
			p.slots += sc.slots
		}
	}
}

// Schemas gives the schemas of all tables, in the order of the mappings; a
// resource's root table comes before its child tables.
func (p *Plan) Schemas() []*arrow.Schema {
	var schemas []*arrow.Schema
	for _, rp := range p.resources {
		for _, t := range rp.tables {
			schemas = append(schemas, t.schema)
		}
	}
	return schemas
}

// Schema gives the schema of a table; nil where there is no such table.
func (p *Plan) Schema(table string) *arrow.Schema {
	for _, rp := range p.resources {
		for _, t := range rp.tables {
			if t.name == table {
				return t.schema
			}
		}
	}
	return nil
}

// Resources gives the resource types that have a mapping, sorted.
func (p *Plan) Resources() []string {
	var types []string
	for _, rp := range p.resources {
		types = append(types, rp.mapping.Resource)
	}
	slices.Sort(types)
	return types
}

// NewFlattener makes the flattener of one worker; its arrays come from mem.
func (p *Plan) NewFlattener(mem memory.Allocator) *Flattener {
	f := &Flattener{plan: p, mem: mem, lanes: map[string]*lane{}}
	f.known = func(string, uint64) bool { return false }
	for _, rp := range p.resources {
		l := newLane(rp, mem)
		f.lanes[rp.mapping.Resource] = l
		f.ordered = append(f.ordered, l)
	}
	return f
}

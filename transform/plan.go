package transform

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/zeebo/xxh3"
)

// Plan is what a set of mappings compiles to. It does not change and is shared
// by all workers.
type Plan struct {
	resources []*resourcePlan
	byType    map[string]*resourcePlan
	scopes    int32 // how many there are
	cells     int32 // how many slots columns take values from
}

// Compile makes the plan for mappings. The error lists the resource types and
// tables that more than one mapping claims.
func Compile(mappings []*Mapping) (*Plan, error) {
	p := &Plan{byType: map[string]*resourcePlan{}}
	compiled, problems := compileAll(mappings)
	owner := map[string]string{}
	for i, m := range mappings {
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
		p.resources, p.byType[m.Resource] = append(p.resources, compiled[i]), compiled[i]
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	p.number()
	return p, nil
}

// compileAll compiles mappings, all at once.
func compileAll(mappings []*Mapping) ([]*resourcePlan, []error) {
	compiled, problems := make([]*resourcePlan, len(mappings)), make([]error, len(mappings))
	var g sync.WaitGroup
	for i, m := range mappings {
		g.Go(func() { compiled[i], problems[i] = compileResource(m) })
	}
	g.Wait()
	return compiled, problems
}

// number numbers the scopes, and the slots from which columns take values.
func (p *Plan) number() {
	for _, rp := range p.resources {
		for _, sc := range rp.scopes {
			sc.number = p.scopes
			p.scopes++
			sc.prepareRoles()
		}
		rp.eachTaken(func(sc *scope, slot int32) {
			if role := &sc.roles[slot]; role.cell == none {
				role.cell = p.cells
				p.cells++
			}
		})
	}
}

// prepareRoles makes the roles of the slots, none of which columns take yet.
func (sc *scope) prepareRoles() {
	sc.roles = make([]slotRole, sc.slots)
	for i := range sc.roles {
		sc.roles[i] = slotRole{test: none, cell: none}
	}
	for i, t := range sc.tests {
		sc.roles[t.slot].test = int32(i)
	}
}

// eachTaken calls yield for each slot that is read after the scan.
func (rp *resourcePlan) eachTaken(yield func(sc *scope, slot int32)) {
	for _, t := range rp.tables {
		for source, conditions := range t.conditions {
			for _, c := range conditions {
				yield(t.scopes[source].above(c.level), c.slot)
			}
		}
		for _, c := range t.columns {
			for source, alternatives := range c.sources {
				for _, a := range alternatives {
					a.eachTaken(t.scopes[source], yield)
				}
			}
		}
	}
}

// eachTaken is that of an alternative for rows of the scope of.
func (a *alternative) eachTaken(of *scope, yield func(sc *scope, slot int32)) {
	if a.pseudo != "" {
		return
	}
	yield(a.in, a.slot)
	yield(a.in, a.base)
	if a.rest != "" {
		yield(a.in, a.elem)
	}
	if a.inside != nil {
		yield(of.above(of.level-a.up), a.via)
		yield(a.inside, a.inside.id)
	}
}

// above is the scope at a level around sc, or sc.
func (sc *scope) above(level int) *scope {
	for sc.level > level {
		sc = sc.parent
	}
	return sc
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
	f := &Flattener{plan: p, mem: mem, lanes: map[string]*lane{}, hash: xxh3.Hash}
	f.known = func(string, uint64) bool { return false }
	f.scan.cells, f.scan.counts = make([][]cell, p.cells), make([]int32, p.scopes)
	for _, rp := range p.resources {
		l := newLane(rp)
		f.lanes[rp.mapping.Resource] = l
		f.ordered = append(f.ordered, l)
	}
	return f
}

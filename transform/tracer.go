package transform

import (
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform/internal/value"
)

// Tracer tells of each leaf of a resource whether it reaches a column. It belongs
// to one worker.
//
//	line ──scan──▶ rows ──values of all columns──▶ marks in the line's tree ──▶ Leaf, Leaf, …
type Tracer struct{ flattener *Flattener }

// Leaf is a string, number or boolean of a resource; resourceType is none.
//
// It is reached if a column of some row has it, alone, in a list or in JSON that is
// taken whole. The value by which a path selects counts as reached with what was
// selected, such as the url in extension.#(url=="x").valueCode, and so does a
// display whose code is reached. A value that does not fit its column is not reached.
type Leaf struct {
	Path       []byte // such as item.#.net.value; good until the next leaf
	Start, End int    // in the line, with quotes
	Reached    bool
	Narrative  bool // text.div or text.status of a resource
}

// NewTracer makes a Tracer.
func (p *Plan) NewTracer() *Tracer {
	return &Tracer{flattener: p.NewFlattener(memory.DefaultAllocator)}
}

// Trace calls yield for each leaf of the resource in line, which has no line end.
// No leaf of a type without a mapping is reached. reason says why a line cannot be
// used; then there are no leaves.
func (t *Tracer) Trace(line []byte, yield func(Leaf)) (resourceType, reason string) {
	f := t.flattener
	f.scan.begin(line, 0)
	typ, reason := f.scan.resourceType()
	if reason != "" {
		return "", reason
	}
	if resourceType = string(typ); f.lanes[resourceType] == nil && !value.IsTypeName(typ) {
		return "", ReasonNoType
	}
	if l := f.lanes[resourceType]; l != nil {
		reason = f.trace(l, line)
	} else if !f.reach.read(line, 0) {
		reason = f.reach.reason
	}
	if reason == "" {
		f.reach.leaves(0, nil, yield)
	}
	return resourceType, reason
}

// trace marks what the columns of l take of a line.
func (f *Flattener) trace(l *lane, line []byte) (reason string) {
	s := &f.scan
	f.chunk.page, f.chunk.arena = line, &s.arena
	defer func() {
		l.forget(0)
		s.empty()
		f.chunk.reset()
	}()
	s.begin(line, 0)
	root, ok := s.resource(l, 0)
	if !ok {
		return s.reason
	}
	s.closeFrame(&s.frames[root], true)
	if !f.reach.find(&f.chunk, l, root, line, 0) {
		return f.reach.reason
	}
	return ""
}

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

package transform

import (
	"slices"

	"github.com/tidwall/gjson"
)

// reach finds the leaves of a resource that its columns take: it asks each column
// of each row for its value, as the conversion does, and marks in the line's tree
// what stands there.
type reach struct {
	document
	rows map[*tablePlan][][]rowStep // row paths that filter, by source
}

// find marks the leaves of the resource whose frames begin at root. It reports
// false where the line, data from start on, is not JSON to its last byte.
func (r *reach) find(c *chunk, l *lane, root int32, data []byte, start int) bool {
	if !r.read(data, start) {
		return false
	}
	for i, t := range l.plan.tables {
		for _, w := range slices.Backward(l.rows[i]) {
			if w.frame < root {
				break
			}
			if c.holds(t.conditions[w.source], w.frame) {
				r.row(c, t, w, l.plan.mapping.Tables[i].Rows)
			}
		}
	}
	r.displays()
	return true
}

// row marks what the columns of one row take.
func (r *reach) row(c *chunk, t *tablePlan, w row, paths []string) {
	for _, col := range t.columns {
		if col.choice || col.precision {
			continue // these tell of a value, and have not got it
		}
		a, sp := c.taken(col.sources[w.source], w.frame)
		if a == nil || a.pseudo != "" {
			continue
		}
		for _, at := range r.marked(c, col, a, sp, w) {
			src := col.column.sources[a.index]
			element := r.ascend(at, src.path.steps)
			if a.up == 0 && a.inside == nil && len(t.conditions[w.source]) > 0 {
				r.ascendRow(element, r.rowSteps(t, paths)[w.source])
			}
		}
	}
}

// taken is the alternative that gives a column's value, and that value.
func (c *chunk) taken(list []alternative, frame int32) (*alternative, span) {
	for i := range list {
		if sp, ok := c.try(&list[i], frame); ok {
			return &list[i], sp
		}
	}
	return nil, span{}
}

// marked marks the leaves of a column's value, and gives the values that stand at
// the end of its path.
func (r *reach) marked(c *chunk, col *columnPlan, a *alternative, sp span, w row) []int32 {
	var ends []int32
	mark := func(sp span) bool {
		if at, ok := r.at(sp); ok && r.mark(c, at, col) {
			ends = append(ends, at)
		}
		return true
	}
	switch {
	case a.rest != "":
		c.located(a, w.frame, mark)
	case sp.kind == kindList:
		c.collected(sp, mark)
	default:
		mark(sp)
	}
	if a.inside != nil && len(ends) > 0 {
		r.resolved(c, a, w.frame)
	}
	return ends
}

// mark marks what a column contains of the value at: itself, the elements of a
// list, or all that is inside of JSON. It reports whether that is anything.
func (r *reach) mark(c *chunk, at int32, col *columnPlan) bool {
	v := &r.values[at]
	switch {
	case v.isLeaf():
		if !stored(col.kind.fits(col.kind, c, v.span())) {
			return false
		}
		v.reached = true
	case col.kind.name == "json":
		for i := at; i < v.next; i++ {
			r.values[i].reached = r.values[i].isLeaf()
		}
	case v.kind == kindArray && (col.kind.list || col.join != ""):
		for i := range r.inside(at) {
			if e := &r.values[i]; e.isLeaf() && stored(col.kind.fits(col.kind, c, e.span())) {
				e.reached = true
			}
		}
	default:
		return false
	}
	return true
}

// resolved marks the two ends of the way into a contained resource: the reference
// to it and its id.
func (r *reach) resolved(c *chunk, a *alternative, frame int32) {
	from := c.ancestor(frame, a.up)
	inside := c.containedFrame(a, from, frame)
	for _, sp := range []span{c.slot(from, a.via), c.slot(inside, inside.scope.id)} {
		if at, ok := r.at(sp); ok {
			r.values[at].reached = true
		}
	}
}

// located finds the values that gjson gives for the rest of a path. What a
// modifier makes stands nowhere.
func (c *chunk) located(a *alternative, frame int32, yield func(span) bool) {
	fr := c.ancestor(frame, a.up)
	if a.inside != nil {
		fr = c.containedFrame(a, fr, frame)
	}
	on, rest := c.slot(fr, a.slot), a.rest
	if on.repeated {
		on, rest = c.slot(fr, a.elem), a.whole
	}
	found := gjson.Get(view(c.page[on.start:on.end]), rest)
	for _, i := range append(found.Indexes, found.Index) {
		if i > 0 {
			yield(span{start: on.start + uint32(i)})
		}
	}
}

// displays marks each display whose code is reached: it says the same in words.
func (r *reach) displays() {
	for i := range r.values {
		v := &r.values[i]
		if !v.reached || v.key.kind == kindNone || string(r.key(int32(i))) != "code" {
			continue
		}
		for sibling := range r.inside(v.parent) {
			if s := &r.values[sibling]; s.isLeaf() && s.key.kind == kindText && string(r.key(sibling)) == "display" {
				s.reached = true
			}
		}
	}
}

package transform

// extrasKeep is what a mapping says for its root table to have the column extras:
// what of a resource reaches no other column.
const extrasKeep = "keep"

// extrasName is the column's name. Its value has the nesting of the resource, so that
// a path means the same in both: elements of arrays keep their places, with null
// for those before that are used up. It is null where nothing is left.
const extrasName = "extras"

// addExtras makes the slot for the extras, where the mapping keeps them.
func (rp *resourcePlan) addExtras() {
	if rp.extras = none; rp.mapping.Extras == extrasKeep {
		rp.extras = rp.root.newSlot()
	}
}

func (m *Mapping) checkExtras(bad report) {
	if m.Extras != "" && m.Extras != extrasKeep {
		bad("extras", "extras is %q: want keep, or leave it out", m.Extras)
	}
	if m.Extras == "" || len(m.Tables) == 0 {
		return
	}
	for _, c := range m.Tables[0].Columns {
		if c.Name == extrasName {
			bad("tables[0].columns"+c.at+".name", "column %q is there twice: extras: keep makes one", c.Name)
		}
	}
}

func (rp *resourcePlan) extrasPlan() *columnPlan {
	a := alternative{in: rp.root, slot: rp.extras, base: rp.extras}
	c := column{name: extrasName, kind: kindOfName("json"), description: "What of the resource no other column takes, at the same paths"}
	return &columnPlan{column: c, sources: [][]alternative{{a}}}
}

// keepExtras puts what no column takes of the resource at root into its slot. The
// resource is the one that was scanned last, and begins at start.
func (f *Flattener) keepExtras(l *lane, root int32, start int) {
	s := &f.scan
	f.chunk.arena = &s.arena
	if !f.reach.find(&f.chunk, l, root, s.data, start) {
		return // cannot be: a mapping that keeps extras has every byte checked
	}
	at := len(f.chunk.side)
	rest, some := f.reach.appendRest(f.chunk.side, 0)
	if f.chunk.side = rest; some {
		sp := span{start: uint32(at), end: uint32(len(rest)), kind: kindObject, side: true}
		s.keep(l.plan.root.roles[l.plan.extras].cell, cell{s.frames[root].ordinal, sp})
	}
}

// appendRest appends what is not reached of the value at. It reports whether that
// is anything; if not, nothing is appended.
func (r *reach) appendRest(out []byte, at int32) ([]byte, bool) {
	switch v := &r.values[at]; {
	case v.kind == kindObject:
		return r.appendMembers(out, at)
	case v.kind == kindArray:
		return r.appendElements(out, at)
	case v.isLeaf() && !v.reached && !r.isType(at):
		return append(out, r.data[v.start:v.end]...), true
	}
	return out, false
}

func (r *reach) appendMembers(out []byte, at int32) ([]byte, bool) {
	start := len(out)
	for i := range r.inside(at) {
		before, key := len(out), r.values[i].key
		out = append(out, opening(before == start, '{'), '"')
		out = append(append(out, r.data[key.start:key.end]...), '"', ':')
		var some bool
		if out, some = r.appendRest(out, i); !some {
			out = out[:before]
		}
	}
	return closed(out, start, '}')
}

func (r *reach) appendElements(out []byte, at int32) ([]byte, bool) {
	start, written := len(out), int32(0)
	for i := range r.inside(at) {
		before := len(out)
		for n := written; n < r.values[i].index; n++ {
			out = append(append(out, opening(n == 0, '[')), "null"...)
		}
		out = append(out, opening(r.values[i].index == 0, '['))
		var some bool
		if out, some = r.appendRest(out, i); !some {
			out = out[:before]
			continue
		}
		written = r.values[i].index + 1
	}
	return closed(out, start, ']')
}

// opening is the byte before the first of a container's values, or the next.
func opening(first bool, bracket byte) byte {
	if first {
		return bracket
	}
	return ','
}

// closed ends a container, if anything was appended from start on.
func closed(out []byte, start int, bracket byte) ([]byte, bool) {
	if len(out) == start {
		return out, false
	}
	return append(out, bracket), true
}

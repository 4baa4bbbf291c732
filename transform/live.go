package transform

// live is an alternative of the current column that has values in the chunk.
type live struct {
	*alternative
	source   int32
	values   []cell // what is left of its slot's
	deciding []cell // and of the slot that decides whether it is taken
	asked    bool   // no slot has the value: it is asked for row by row
}

// findLive finds the alternatives that have values.
func (c *chunk) findLive(col *columnPlan) {
	c.live = c.live[:0]
	for source, list := range col.sources {
		if c.only != none && c.only != int32(source) {
			continue
		}
		for i := range list {
			a := &list[i]
			l := live{alternative: a, source: int32(source), asked: !a.scanned()}
			switch {
			case a.pseudo != "":
				c.live = append(c.live, l)
				continue
			case a.rest != "":
				l.deciding = c.cellsOf(a.in, a.slot)
			default:
				l.deciding, l.values = c.cellsOf(a.in, a.base), c.cellsOf(a.in, a.slot)
			}
			if len(l.deciding) > 0 {
				c.live = append(c.live, l)
			}
		}
	}
}

func (c *chunk) cellsOf(sc *scope, slot int32) []cell { return c.cells[sc.roles[slot].cell] }

// scanned reports whether the value of a is in a slot of the row or around it.
func (a *alternative) scanned() bool {
	return a.pseudo == "" && a.rest == "" && a.inside == nil
}

// direct reports whether the value of l is in a slot, which also decides.
func (l *live) direct() bool { return !l.asked && l.slot == l.base }

// find gives the column's value in row i: that of the first alternative that is
// there. For a choice column it is the index of the path taken.
func (c *chunk) find(col *columnPlan, i int, r row) span {
	for k := range c.live {
		l := &c.live[k]
		if l.source != r.source {
			continue
		}
		sp, ok := c.next(l, i, r)
		if ok && col.choice {
			return span{start: uint32(l.index), kind: kindCount}
		}
		if ok {
			return sp
		}
	}
	return span{}
}

// next gives the value of l in row i, and whether it is the one to take. Rows are
// asked for in order.
func (c *chunk) next(l *live, i int, r row) (span, bool) {
	if l.asked {
		return c.try(l.alternative, r.frame)
	}
	at := c.ordinals(l.up)[i]
	sp, ok := advance(&l.deciding, at)
	if ok && l.slot != l.base {
		sp, _ = advance(&l.values, at)
	}
	return sp, ok
}

// advance leaves out the cells before at and gives the one there, if it is a value.
func advance(cells *[]cell, at int32) (span, bool) {
	list := *cells
	for len(list) > 0 && list[0].at < at {
		list = list[1:]
	}
	*cells = list
	if len(list) > 0 && list[0].at == at {
		return list[0].span, list[0].present()
	}
	return span{}, false
}

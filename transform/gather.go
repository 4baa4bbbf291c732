package transform

// turn makes rows the current rows. Their table has so many from the chunks before.
func (c *chunk) turn(t *tablePlan, rows []row, before int) {
	c.table, c.rows, c.first, c.placed, c.only = t, rows, before, -1, onlySource(rows)
	for i := range c.above {
		c.above[i] = c.above[i][:0]
	}
}

// onlySource is the source of all rows; none where they have several. Few claims have
// details below their items, so that most chunks have rows of one source.
func onlySource(rows []row) int32 {
	for _, r := range rows {
		if r.source != rows[0].source {
			return none
		}
	}
	return rows[0].source
}

// gather finds the values of a column in the current rows, as hits. Of a key, which
// must have a value in each row, it also gives what is not there. Most columns have
// no value in a chunk, and cost nothing by row.
func (c *chunk) gather(col *columnPlan) {
	c.findLive(col)
	c.hits = nil
	switch one := len(c.live) == 1 && c.live[0].direct() && !col.choice; {
	case len(c.live) == 0 && !col.required:
	case one && c.live[0].up > 0 && c.only != none:
		c.hits = c.inherited(&c.live[0])
	case one && c.live[0].up == 0:
		c.hits = c.placedCells(&c.live[0])
	case len(c.live) == 1 && c.live[0].pseudo != "" && c.only != none && !col.choice:
		c.hits = c.pseudoCells(&c.live[0])
	default:
		c.hits = c.gatherRows(col)
	}
	if col.required && len(c.hits) < len(c.rows) {
		c.hits = c.gatherRows(col)
	}
}

// inherited gives the values of l, which are those of frames around the rows.
func (c *chunk) inherited(l *live) []cell {
	c.found = c.found[:0]
	values, next := l.values, 0
	for i, at := range c.ordinals(l.up) {
		for next < len(values) && values[next].at < at {
			next++
		}
		if next == len(values) {
			break
		}
		if values[next].at == at {
			c.found = append(c.found, cell{int32(i), values[next].span})
		}
	}
	return c.found
}

// pseudoCells gives what l makes of each row.
func (c *chunk) pseudoCells(l *live) []cell {
	c.found = c.found[:0]
	for i, r := range c.rows {
		c.found = append(c.found, cell{int32(i), c.pseudo(l.pseudo, c.ancestor(r.frame, l.up))})
	}
	return c.found
}

// placedCells gives the values of l with the rows that they are in.
func (c *chunk) placedCells(l *live) []cell {
	sc := c.table.scopes[l.source]
	if c.only == l.source && int(c.counts[sc.number]) == len(c.rows) {
		return l.values // each frame is a row
	}
	c.place(l.source, sc)
	c.found = c.found[:0]
	for _, v := range l.values {
		if at := c.places[v.at]; at >= 0 {
			c.found = append(c.found, cell{at, v.span})
		}
	}
	return c.found
}

// place makes places for a source.
func (c *chunk) place(source int32, sc *scope) {
	if c.placed == int(source) {
		return
	}
	c.placed, c.places = int(source), extended(c.places[:0], int(c.counts[sc.number]))
	for i := range c.places {
		c.places[i] = -1
	}
	for i, r := range c.rows {
		if r.source == source {
			c.places[c.frames[r.frame].ordinal] = int32(i)
		}
	}
}

// gatherRows is gather row by row.
func (c *chunk) gatherRows(col *columnPlan) []cell {
	c.found = c.found[:0]
	for i, r := range c.rows {
		if sp := c.find(col, i, r); sp.present() || col.required {
			c.found = append(c.found, cell{int32(i), sp})
		}
	}
	return c.found
}

// ordinals gives, by row, the ordinal of the frame that is so many frames up from
// the row, or of the resource.
func (c *chunk) ordinals(up int) []int32 {
	for len(c.above) <= up {
		c.above = append(c.above, nil)
	}
	if len(c.above[up]) == 0 {
		for _, r := range c.rows {
			fr := &c.frames[r.frame]
			for n := up; n > 0 && fr.parent >= 0; n-- {
				fr = &c.frames[fr.parent]
			}
			c.above[up] = append(c.above[up], fr.ordinal)
		}
	}
	return c.above[up]
}

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

package transform

// hit is a value that the column at hand has in one of the rows at hand.
type hit struct {
	row int32
	span
}

// look notes which slots have a value in the chunk, so that a column without one
// costs nothing by row. Most columns are of that kind.
func (c *chunk) look(slots int32) {
	if len(c.seen) < int(slots) {
		c.seen = make([]valueKind, slots)
	}
	clear(c.seen)
	for i := range c.frames {
		fr := &c.frames[i]
		slots := c.slots[fr.base : fr.base+fr.scope.slots]
		seen := c.seen[fr.scope.first:][:len(slots)]
		for j := range slots {
			seen[j] |= slots[j].kind
		}
	}
}

// turn makes rows the rows at hand. Their table has so many from the chunks before.
func (c *chunk) turn(rows []row, before int) {
	c.rows, c.first = rows, before
	for i := range c.bases {
		c.bases[i] = c.bases[i][:0]
	}
}

// gather finds the values of a column in the rows at hand. Of a key, which must
// have a value in each row, it also gives what is not there.
func (c *chunk) gather(col *columnPlan) {
	c.hits = c.hits[:0]
	switch some, direct := c.take(col); {
	case !some && !col.required:
	case !direct:
		for i, r := range c.rows {
			c.hit(col, i, c.find(col.sources[r.source], col.choice, r))
		}
	case len(c.only) == 1 && some:
		c.gatherSlot(col, c.only[0])
	default:
		for i, r := range c.rows {
			var sp span
			if a := c.only[r.source]; a != nil {
				sp = c.slots[c.basesOf(a.up)[i]+a.slot]
			}
			c.hit(col, i, sp)
		}
	}
}

// gatherSlot is gather where all values are in the same slot.
func (c *chunk) gatherSlot(col *columnPlan, a *alternative) {
	for i, base := range c.basesOf(a.up) {
		if sp := &c.slots[base+a.slot]; sp.present() || col.required {
			c.hits = append(c.hits, hit{int32(i), *sp})
		}
	}
}

func (c *chunk) hit(col *columnPlan, i int, sp span) {
	if sp.present() || col.required {
		c.hits = append(c.hits, hit{int32(i), sp})
	}
}

// take finds for each row path the one alternative that the chunk has a value for;
// nil where it has none. some is false if there is none for any, and direct if one
// has several, or one whose value is not just in a slot.
func (c *chunk) take(col *columnPlan) (some, direct bool) {
	c.only, direct = c.only[:0], !col.choice
	for _, list := range col.sources {
		var one *alternative
		for i := range list {
			a := &list[i]
			if !c.has(a) {
				continue
			}
			direct = direct && one == nil && a.direct()
			one, some = a, true
		}
		c.only = append(c.only, one)
	}
	return some, direct
}

// has reports whether any frame of the chunk may have a value for a.
func (c *chunk) has(a *alternative) bool {
	return a.pseudo != "" || a.rest != "" || c.seen[a.in.first+a.base] > kindNull
}

// direct reports whether the value of a is in a slot that also decides.
func (a *alternative) direct() bool {
	return a.pseudo == "" && a.rest == "" && a.inside == nil && a.slot == a.base
}

// basesOf gives, by row, where the slots of the frame start that is so many frames
// up from the row, or the resource.
func (c *chunk) basesOf(up int) []int32 {
	for len(c.bases) <= up {
		c.bases = append(c.bases, nil)
	}
	if len(c.bases[up]) == 0 {
		for _, r := range c.rows {
			fr := &c.frames[r.frame]
			for n := up; n > 0 && fr.parent >= 0; n-- {
				fr = &c.frames[fr.parent]
			}
			c.bases[up] = append(c.bases[up], fr.base)
		}
	}
	return c.bases[up]
}

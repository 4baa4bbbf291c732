package transform

// item is a value of a list that the scan collected, and the place of the next.
type item struct {
	span
	next uint32
}

// listOf is the slot for the list of what rest gives of each element of n.
func (sc *scope) listOf(n *node, rest []step) int32 {
	elem := sc.element(n)
	from := elem.slotOf(rest)
	for _, m := range elem.lists {
		if m.from == from {
			return m.to
		}
	}
	to := sc.newSlot()
	elem.lists = append(elem.lists, move{from, to})
	return to
}

// openLists begins the lists of an array's elements in the slots at base. Those of
// a repeated key are closed: the first array counts.
func (s *scan) openLists(lists []move, base int) {
	for _, m := range lists {
		if to := s.touch(base + int(m.to)); to.kind == kindNone {
			to.kind = kindList
		} else {
			to.repeated = true
		}
	}
}

// collect adds what was found in the element to lists of its parent.
func (j judge) collect(lists []move) {
	if j.single {
		return
	}
	for _, m := range lists {
		v, to := j.s.slots[j.base+m.from], &j.s.slots[j.outer+m.to]
		if v.kind != kindNone && !to.repeated {
			j.s.extend(to, v)
		}
	}
}

// closeMatched closes the lists in the slots at base that an array before, of the same
// key, has filled: the first array counts.
func (s *scan) closeMatched(slots []int32, base int) {
	for _, slot := range slots {
		if v := &s.slots[base+int(slot)]; v.kind == kindList {
			v.repeated = true
		}
	}
}

// gather adds what was found in an element to lists of its parent that begin with their
// first value.
func (j judge) gather(lists []move) {
	for _, m := range lists {
		v := j.s.slots[j.base+m.from]
		if v.kind == kindNone || v.kind == kindList && v.start == 0 {
			continue
		}
		to := j.s.touch(int(j.outer + m.to))
		if to.kind == kindNone {
			to.kind = kindList
		}
		if !to.repeated {
			j.s.extend(to, v)
		}
	}
}

// extend appends a value, or all values of a list, to a list. Places are counted
// from 1; an empty list starts at 0.
func (a *arena) extend(list *span, v span) {
	if v.kind != kindList {
		a.items = append(a.items, item{span: v})
		v.start = uint32(len(a.items))
		v.end = v.start
	}
	switch {
	case v.start == 0:
		return
	case list.start == 0:
		list.start = v.start
	default:
		a.items[list.end-1].next = v.start
	}
	list.end = v.end
}

// collected calls yield for each value of a list, until it says false.
func (a *arena) collected(list span, yield func(span) bool) bool {
	for at := list.start; at != 0; at = a.items[at-1].next {
		if !yield(a.items[at-1].span) {
			return false
		}
		if at == list.end {
			break
		}
	}
	return true
}

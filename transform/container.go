package transform

import "math"

// container scans an object or array, all of whose bytes are checked if a column
// takes it whole.
func (s *scan) container(n *node, base int) bool {
	start, k := s.pos, kindObject
	if n.slot != none {
		s.strict++
	}
	var ok bool
	if s.data[s.pos] == '{' {
		ok = s.object(n, base) && (n.elem == nil || !n.elem.keeps || s.single(n.elem, start))
	} else {
		k, ok = kindArray, s.array(n, base)
	}
	if n.slot != none {
		s.strict--
		if ok {
			s.set(base+int(n.slot), span{start: uint32(start), end: uint32(s.pos), kind: k})
		}
	}
	return ok
}

// single scans the object at start again, as the one row that it is where the
// mapping expects an array.
func (s *scan) single(sc *scope, start int) bool {
	s.pos = start
	return s.element(sc, 1, true)
}

func (s *scan) object(n *node, base int) bool {
	if n.keys == nil {
		return s.skipContainer()
	}
	if !s.open() {
		return false
	}
	order := &s.lane.orders[n.order]
	last, guess := int32(-1), order.first
	if s.next() == '}' {
		return s.close()
	}
	for {
		k, ok := s.key(order, guess)
		if !ok {
			return false
		}
		var child *node
		if k >= 0 {
			if k != guess {
				order.follow(last, k)
			}
			child, last, guess = order.known[k].node, k, order.known[k].next
		}
		if !s.colon() || !s.value(child, base) {
			return false
		}
		switch s.next() {
		case '}':
			return s.close()
		case ',':
			s.pos++
		default:
			return s.fail(ReasonNotJSON)
		}
	}
}

// key reads the key at the current position and gives its number in order; -1
// for one that no path wants.
func (s *scan) key(order *keyOrder, guess int32) (int32, bool) {
	if s.next() != '"' {
		return -1, s.fail(ReasonNotJSON)
	}
	text := order.known[guess].text
	end := s.pos + 1 + len(text)
	if end < len(s.data) && s.data[end] == '"' && string(s.data[s.pos+1:end]) == text {
		s.pos = end + 1
		return guess, true
	}
	sp, ok := s.text()
	if !ok {
		return -1, false
	}
	key := s.data[sp.start:sp.end]
	if sp.escaped {
		s.scratch = appendUnescaped(s.scratch[:0], key)
		key = s.scratch
	}
	return order.find(key), true
}

func (s *scan) array(n *node, base int) bool {
	if n.elem == nil && n.index == nil && n.count == none {
		return s.skipContainer()
	}
	if !s.open() {
		return false
	}
	if n.elem != nil {
		s.openLists(n.elem.lists, base)
		s.closeMatched(n.elem.matched, base)
	}
	count := uint32(0)
	if s.next() != ']' {
		for more := true; more; count++ {
			if s.next(); !s.item(n, base, count) {
				return false
			}
			switch s.next() {
			case ',':
				s.pos++
			case ']':
				more = false
			default:
				return s.fail(ReasonNotJSON)
			}
		}
	}
	if n.count != none {
		s.set(base+int(n.count), span{start: count, kind: kindCount})
	}
	return s.close()
}

// item scans one element of an array: for the paths that want it by its index,
// and, as that is another frame, once more for those that want every element.
func (s *scan) item(n *node, base int, i uint32) bool {
	start := s.pos
	if i < uint32(len(n.index)) && n.index[i] != nil {
		if !s.value(n.index[i], base) {
			return false
		}
		if n.elem == nil {
			return true
		}
		s.pos = start
	}
	if n.elem == nil || i >= math.MaxInt32 {
		return s.skip()
	}
	return s.element(n.elem, int32(i)+1, false)
}

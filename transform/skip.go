package transform

// nesting is a stack of open objects (1) and arrays (0), one bit each.
type nesting struct {
	bits  [maxDepth/64 + 1]uint64
	depth int
}

func (n *nesting) push(object bool) {
	n.depth++
	word, bit := n.depth/64, uint64(1)<<(n.depth%64)
	if object {
		n.bits[word] |= bit
	} else {
		n.bits[word] &^= bit
	}
}

func (n *nesting) inObject() bool { return n.bits[n.depth/64]>>(n.depth%64)&1 == 1 }

// skip moves past the value at the current position, which no path wants. Its
// structure is checked: brackets, commas, colons, keys, ends of strings, numbers
// and literals, but not what strings hold.
func (s *scan) skip() bool {
	switch s.next() {
	case '{', '[':
		return s.skipContainer()
	case '"':
		return s.skipText()
	}
	_, ok := s.scalar()
	return ok
}

// skipContainer is skip for an object or array. It is a loop over a stack of bits,
// so that no nesting can overflow it. A structural index could replace it.
func (s *scan) skipContainer() bool {
	var open nesting
	for {
		nested, ok := s.skipOpen(&open)
		for ok && !nested && open.depth > 0 {
			nested, ok = s.skipRest(&open)
		}
		if !nested {
			return ok
		}
	}
}

// skipOpen enters the container at the current position and moves to the first
// container in it (nested) or after its end.
func (s *scan) skipOpen(open *nesting) (nested, ok bool) {
	object := s.data[s.pos] == '{'
	if !s.open() {
		return false, false
	}
	open.push(object)
	if c := s.next(); object && c == '}' || !object && c == ']' {
		open.depth--
		return false, s.close()
	}
	return s.skipValues(open)
}

// skipRest continues a container after a value in it that was a container.
func (s *scan) skipRest(open *nesting) (nested, ok bool) {
	more, ok := s.skipSeparator(open)
	if !ok || !more {
		return false, ok
	}
	return s.skipValues(open)
}

// skipValues moves over values of the innermost container, until one is a
// container itself (nested) or the end is passed.
func (s *scan) skipValues(open *nesting) (nested, ok bool) {
	for more := true; more; {
		if open.inObject() && !s.skipKey() {
			return false, false
		}
		switch s.next() {
		case '{', '[':
			return true, true
		case '"':
			ok = s.skipText()
		default:
			_, ok = s.scalar()
		}
		if !ok {
			return false, false
		}
		if more, ok = s.skipSeparator(open); !ok {
			return false, false
		}
	}
	return false, true
}

// skipSeparator moves past a comma (more), or leaves the innermost container.
func (s *scan) skipSeparator(open *nesting) (more, ok bool) {
	c := s.next()
	if c == ',' {
		s.pos++
		return true, true
	}
	if open.inObject() && c == '}' || !open.inObject() && c == ']' {
		open.depth--
		return false, s.close()
	}
	return false, s.fail(ReasonNotJSON)
}

func (s *scan) skipKey() bool {
	if s.next() != '"' {
		return s.fail(ReasonNotJSON)
	}
	return s.skipText() && s.colon()
}

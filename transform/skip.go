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
func (c *cursor) skip() bool {
	switch c.next() {
	case '{', '[':
		return c.skipContainer()
	case '"':
		return c.skipText()
	}
	_, ok := c.scalar()
	return ok
}

// skipContainer is skip for an object or array. It is a loop over a stack of bits,
// so that no nesting can overflow it. A structural index could replace it.
func (c *cursor) skipContainer() bool {
	var open nesting
	for {
		nested, ok := c.skipOpen(&open)
		for ok && !nested && open.depth > 0 {
			nested, ok = c.skipRest(&open)
		}
		if !nested {
			return ok
		}
	}
}

// skipOpen enters the container at the current position and moves to the first
// container in it (nested) or after its end.
func (c *cursor) skipOpen(open *nesting) (nested, ok bool) {
	object := c.data[c.pos] == '{'
	if !c.open() {
		return false, false
	}
	open.push(object)
	if b := c.next(); object && b == '}' || !object && b == ']' {
		open.depth--
		return false, c.close()
	}
	return c.skipValues(open)
}

// skipRest continues a container after a value in it that was a container.
func (c *cursor) skipRest(open *nesting) (nested, ok bool) {
	more, ok := c.skipSeparator(open)
	if !ok || !more {
		return false, ok
	}
	return c.skipValues(open)
}

// skipValues moves over values of the innermost container, until one is a
// container itself (nested) or the end is passed.
func (c *cursor) skipValues(open *nesting) (nested, ok bool) {
	for more := true; more; {
		if open.inObject() && !c.skipKey() {
			return false, false
		}
		switch c.next() {
		case '{', '[':
			return true, true
		case '"':
			ok = c.skipText()
		default:
			_, ok = c.scalar()
		}
		if !ok {
			return false, false
		}
		if more, ok = c.skipSeparator(open); !ok {
			return false, false
		}
	}
	return false, true
}

// skipSeparator moves past a comma (more), or leaves the innermost container.
func (c *cursor) skipSeparator(open *nesting) (more, ok bool) {
	b := c.next()
	if b == ',' {
		c.pos++
		return true, true
	}
	if open.inObject() && b == '}' || !open.inObject() && b == ']' {
		open.depth--
		return false, c.close()
	}
	return false, c.fail(ReasonNotJSON)
}

func (c *cursor) skipKey() bool {
	if c.next() != '"' {
		return c.fail(ReasonNotJSON)
	}
	return c.skipText() && c.colon()
}

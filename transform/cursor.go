package transform

// cursor reads the JSON of a line, forward: values that it checks (text, scalar, any) and
// values that it only gets past (skip).
type cursor struct {
	data    []byte // the page up to the end of the line, so that spans are places in the page
	pos     int    // in data, of the next byte
	depth   int    // objects and arrays that are open
	strict  int    // > 0 inside a value that some column takes whole: every byte is checked
	reason  string // why a read failed
	scratch []byte // of decoded strings
}

// maxDepth is how deep objects and arrays may nest. FHIR needs about 20.
const maxDepth = 512

// begin starts at the line in data from start on.
func (c *cursor) begin(data []byte, start int) {
	c.data, c.pos, c.depth, c.strict, c.reason = data, start, 0, 0, ""
}

// fail says why the line cannot be read on, at the current position.
func (c *cursor) fail(reason string) bool {
	if c.pos >= len(c.data) {
		reason = ReasonTruncated
	}
	c.reason = reason
	return false
}

// end checks that nothing follows the value.
func (c *cursor) end() bool {
	c.space()
	if c.pos < len(c.data) {
		return c.fail(ReasonTrailing)
	}
	return true
}

// space skips white space between tokens.
func (c *cursor) space() {
	for c.pos < len(c.data) && c.data[c.pos] <= ' ' {
		switch c.data[c.pos] {
		case ' ', '\t', '\r', '\n':
			c.pos++
		default:
			return
		}
	}
}

// next skips white space and gives the next byte, 0 at the end.
func (c *cursor) next() byte {
	if c.pos < len(c.data) && c.data[c.pos] > ' ' {
		return c.data[c.pos]
	}
	c.space()
	if c.pos < len(c.data) {
		return c.data[c.pos]
	}
	return 0
}

// literal checks the rest of true, false or null.
func (c *cursor) literal(word string, k valueKind) (valueKind, bool) {
	end := c.pos + len(word)
	if end > len(c.data) || view(c.data[c.pos:end]) != word {
		return kindNone, c.failIn(word)
	}
	c.pos = end
	return k, true
}

// failIn fails in a literal: truncated if what is there is its beginning.
func (c *cursor) failIn(word string) bool {
	rest := c.data[c.pos:]
	if len(rest) < len(word) && word[:len(rest)] == view(rest) {
		c.pos = len(c.data)
	}
	return c.fail(ReasonNotJSON)
}

// scalar reads a number or literal.
func (c *cursor) scalar() (valueKind, bool) {
	switch c.next() {
	case 't':
		return c.literal("true", kindTrue)
	case 'f':
		return c.literal("false", kindFalse)
	case 'n':
		return c.literal("null", kindNull)
	}
	return kindNumber, c.number()
}

// number checks the JSON number at the current position (RFC 8259 §6) and moves
// past it.
func (c *cursor) number() bool {
	if c.pos < len(c.data) && c.data[c.pos] == '-' {
		c.pos++
	}
	if c.pos < len(c.data) && c.data[c.pos] == '0' {
		c.pos++
	} else if !c.digits() {
		return false
	}
	if c.pos < len(c.data) && c.data[c.pos] == '.' {
		c.pos++
		if !c.digits() {
			return false
		}
	}
	if c.pos < len(c.data) && c.data[c.pos]|0x20 == 'e' {
		c.pos++
		if c.pos < len(c.data) && (c.data[c.pos] == '+' || c.data[c.pos] == '-') {
			c.pos++
		}
		return c.digits()
	}
	return true
}

// digits moves past one digit or more.
func (c *cursor) digits() bool {
	start := c.pos
	for c.pos < len(c.data) && c.data[c.pos]-'0' <= 9 {
		c.pos++
	}
	return c.pos > start || c.fail(ReasonNotJSON)
}

// open enters an object or array.
func (c *cursor) open() bool {
	if c.depth++; c.depth > maxDepth {
		return c.fail(ReasonTooDeep)
	}
	c.pos++
	return true
}

// close leaves it.
func (c *cursor) close() bool {
	c.depth--
	c.pos++
	return true
}

func (c *cursor) colon() bool {
	if c.next() != ':' {
		return c.fail(ReasonNotJSON)
	}
	c.pos++
	c.next()
	return true
}

// any reads a value of any kind as a span.
func (c *cursor) any() (span, bool) {
	var sp span
	var ok bool
	switch c.next() {
	case '"':
		return c.text()
	case '{':
		sp.start, sp.kind, ok = uint32(c.pos), kindObject, c.skipContainer()
	case '[':
		sp.start, sp.kind, ok = uint32(c.pos), kindArray, c.skipContainer()
	default:
		sp.start = uint32(c.pos)
		sp.kind, ok = c.scalar()
	}
	sp.end = uint32(c.pos)
	return sp, ok
}

func (c *cursor) decoded(sp span) []byte {
	raw := c.data[sp.start:sp.end]
	if !sp.escaped {
		return raw
	}
	c.scratch = appendUnescaped(c.scratch[:0], raw)
	return c.scratch
}

package transform

import "bytes"

// typeFirst is how nearly every line begins.
var typeFirst = []byte(`{"resourceType":"`)

// resourceType finds the line's resource type, without moving far if it is the
// first key, as nearly all servers write it. Else it looks through the keys of the
// resource. It gives a reason if the line has none.
func (c *cursor) resourceType() ([]byte, string) {
	rest := c.data[c.pos:]
	if bytes.HasPrefix(rest, typeFirst) {
		rest = rest[len(typeFirst):]
		if n := bytes.IndexByte(rest, '"'); n > 0 && bytes.IndexByte(rest[:n], '\\') < 0 {
			return rest[:n], ""
		}
	}
	if c.next() != '{' {
		return nil, c.notObject()
	}
	typ, ok := c.findType()
	if !ok {
		return nil, c.reason
	}
	if len(typ) == 0 {
		return nil, ReasonNoType
	}
	return typ, ""
}

// notObject tells a line that is JSON from one that is not.
func (c *cursor) notObject() string {
	if !c.skip() || !c.end() {
		return c.reason
	}
	return ReasonNotObject
}

// findType looks for the key resourceType among those of the object at the
// current position, whose structure it checks up to there.
func (c *cursor) findType() ([]byte, bool) {
	if c.open(); c.next() == '}' {
		return nil, c.close() && c.end()
	}
	for {
		key, ok := c.keyText()
		if !ok || !c.colon() {
			return nil, false
		}
		if string(key) == "resourceType" {
			return c.typeText()
		}
		if !c.skip() {
			return nil, false
		}
		switch c.next() {
		case '}':
			return nil, c.close() && c.end()
		case ',':
			c.pos++
		default:
			return nil, c.fail(ReasonNotJSON)
		}
	}
}

func (c *cursor) keyText() ([]byte, bool) {
	if c.next() != '"' {
		return nil, c.fail(ReasonNotJSON)
	}
	sp, ok := c.text()
	return c.decoded(sp), ok
}

// typeText reads the type; one that is no string counts as none.
func (c *cursor) typeText() ([]byte, bool) {
	if c.next() != '"' {
		return nil, c.skip()
	}
	sp, ok := c.text()
	return c.decoded(sp), ok
}

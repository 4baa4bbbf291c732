package transform

import "bytes"

// typeFirst is how nearly every line begins.
var typeFirst = []byte(`{"resourceType":"`)

// resourceType finds the line's resource type, without moving far if it is the
// first key, as nearly all servers write it. Else it looks through the keys of the
// resource. It gives a reason if the line has none.
func (s *scan) resourceType() ([]byte, string) {
	rest := s.data[s.pos:]
	if bytes.HasPrefix(rest, typeFirst) {
		rest = rest[len(typeFirst):]
		if n := bytes.IndexByte(rest, '"'); n > 0 && bytes.IndexByte(rest[:n], '\\') < 0 {
			return rest[:n], ""
		}
	}
	if s.next() != '{' {
		return nil, s.notObject()
	}
	typ, ok := s.findType()
	if !ok {
		return nil, s.reason
	}
	if len(typ) == 0 {
		return nil, ReasonNoType
	}
	return typ, ""
}

// notObject tells a line that is JSON from one that is not.
func (s *scan) notObject() string {
	if !s.skip() || !s.end() {
		return s.reason
	}
	return ReasonNotObject
}

// findType looks for the key resourceType among those of the object at the
// current position, whose structure it checks up to there.
func (s *scan) findType() ([]byte, bool) {
	if s.open(); s.next() == '}' {
		return nil, s.close() && s.end()
	}
	for {
		key, ok := s.keyText()
		if !ok || !s.colon() {
			return nil, false
		}
		if string(key) == "resourceType" {
			return s.typeText()
		}
		if !s.skip() {
			return nil, false
		}
		switch s.next() {
		case '}':
			return nil, s.close() && s.end()
		case ',':
			s.pos++
		default:
			return nil, s.fail(ReasonNotJSON)
		}
	}
}

func (s *scan) keyText() ([]byte, bool) {
	if s.next() != '"' {
		return nil, s.fail(ReasonNotJSON)
	}
	sp, ok := s.text()
	return s.decoded(sp), ok
}

// typeText reads the type; one that is no string counts as none.
func (s *scan) typeText() ([]byte, bool) {
	if s.next() != '"' {
		return nil, s.skip()
	}
	sp, ok := s.text()
	return s.decoded(sp), ok
}

func (s *scan) decoded(sp span) []byte {
	raw := s.data[sp.start:sp.end]
	if !sp.escaped {
		return raw
	}
	s.scratch = appendUnescaped(s.scratch[:0], raw)
	return s.scratch
}

package transform

// literal checks the rest of true, false or null.
func (s *scan) literal(word string, k valueKind) (valueKind, bool) {
	end := s.pos + len(word)
	if end > len(s.data) || view(s.data[s.pos:end]) != word {
		return kindNone, s.failIn(word)
	}
	s.pos = end
	return k, true
}

// failIn fails in a literal: truncated if what is there is its beginning.
func (s *scan) failIn(word string) bool {
	rest := s.data[s.pos:]
	if len(rest) < len(word) && word[:len(rest)] == view(rest) {
		s.pos = len(s.data)
	}
	return s.fail(ReasonNotJSON)
}

// scalar reads a number or literal.
func (s *scan) scalar() (valueKind, bool) {
	switch s.next() {
	case 't':
		return s.literal("true", kindTrue)
	case 'f':
		return s.literal("false", kindFalse)
	case 'n':
		return s.literal("null", kindNull)
	}
	return kindNumber, s.number()
}

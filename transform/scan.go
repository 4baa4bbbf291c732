package transform

// scan reads one line's JSON, forward and once, into the frames of a lane.
type scan struct {
	arena
	openFrames
	data    []byte // the page up to the end of the line, so that spans are places in the page
	pos     int
	depth   int
	strict  int // > 0 inside a value that some column takes whole: every byte is checked
	muted   int // > 0 where elements are no rows
	lane    *lane
	current int32 // frame
	line    int32 // index in the chunk
	made    int   // rows of the line
	most    int   // how many it may have
	reason  string
	scratch []byte
}

// maxDepth is how deep objects and arrays may nest. FHIR needs about 20.
const maxDepth = 512

// fail ends the scan of the line, at the current position.
func (s *scan) fail(reason string) bool {
	if s.pos >= len(s.data) {
		reason = ReasonTruncated
	}
	s.reason = reason
	return false
}

// begin prepares for one line: data from start on.
func (s *scan) begin(data []byte, start int) {
	s.data, s.pos = data, start
	s.depth, s.strict, s.muted, s.reason = 0, 0, 0, ""
	s.made, s.most = 0, freeRows+(len(data)-start)/rowBytes
}

// A line may have freeRows rows, and one more for each rowBytes of its length: a row
// costs some hundred times what its bytes do, since each column of its table has a place
// for it. A line of nothing but empty elements would take minutes; a real row has a
// hundred bytes and more.
const (
	freeRows = 2000
	rowBytes = 32
)

// resource scans the line into the frames of l and gives the resource's frame,
// which stays open: the caller closes or abandons it.
func (s *scan) resource(l *lane, line int32) (int32, bool) {
	s.lane, s.line = l, line
	if l.plan.mapping.Strict {
		s.strict++
	}
	root := s.push(l.plan.root, -1, line, 0)
	s.counts[l.plan.root.number]++
	s.current = root
	for _, r := range l.plan.root.tables {
		l.rows[r.table] = append(l.rows[r.table], row{frame: root, source: int32(r.source)})
	}
	s.space()
	ok := s.value(l.plan.root.root, 0) && s.end()
	if !ok {
		s.abandon(root)
	}
	return root, ok
}

// end checks that nothing follows the value.
func (s *scan) end() bool {
	s.space()
	if s.pos < len(s.data) {
		return s.fail(ReasonTrailing)
	}
	return true
}

// space skips white space between tokens.
func (s *scan) space() {
	for s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// next skips white space and gives the next byte, 0 at the end.
func (s *scan) next() byte {
	if s.pos < len(s.data) && s.data[s.pos] > ' ' {
		return s.data[s.pos]
	}
	s.space()
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// value scans the value at the current position, which is at node n (nil where
// no path leads) of the frame whose slots start at base.
func (s *scan) value(n *node, base int) bool {
	if n == nil {
		return s.skip()
	}
	if n.taken != none {
		return s.rowsValue(n, base)
	}
	return s.nodeValue(n, base)
}

// rowsValue is nodeValue where elements may be rows: only the first time.
func (s *scan) rowsValue(n *node, base int) bool {
	again := s.slots[base+int(n.taken)].kind != kindNone
	s.touch(base + int(n.taken)).kind = kindMark
	if again {
		s.muted++
	}
	ok := s.nodeValue(n, base)
	if again {
		s.muted--
	}
	return ok
}

func (s *scan) nodeValue(n *node, base int) bool {
	switch s.next() {
	case '{', '[':
		return s.container(n, base)
	case '"':
		sp, ok := s.text()
		if ok && n.slot != none {
			s.set(base+int(n.slot), sp)
		}
		return ok
	}
	start := s.pos
	k, ok := s.scalar()
	if ok && n.slot != none {
		s.set(base+int(n.slot), span{start: uint32(start), end: uint32(s.pos), kind: k})
	}
	return ok
}

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

// number checks the JSON number at the current position (RFC 8259 §6) and moves
// past it.
func (s *scan) number() bool {
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
	} else if !s.digits() {
		return false
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if !s.digits() {
			return false
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		return s.digits()
	}
	return true
}

// digits moves past one digit or more.
func (s *scan) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start || s.fail(ReasonNotJSON)
}

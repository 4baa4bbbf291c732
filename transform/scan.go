package transform

// scan reads one line's JSON, forward and once, into the frames of a lane.
type scan struct {
	arena
	openFrames
	cursor
	muted   int // > 0 where elements are no rows
	lane    *lane
	current int32 // frame
	line    int32 // index in the chunk
	made    int   // rows of the line
	most    int   // how many it may have
}

// begin prepares for one line: data from start on.
func (s *scan) begin(data []byte, start int) {
	s.cursor.begin(data, start)
	s.muted, s.made, s.most = 0, 0, freeRows+(len(data)-start)/rowBytes
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

package transform

// openFrames is the stack of slots of the frames that are being scanned. Slots
// are empty but those that touched lists, so that a frame costs what is found in
// it, not what could be.
type openFrames struct {
	slots   []span
	top     int32   // where the slots of the next frame start
	touched []int32 // filled slots, those of outer frames first
}

// push opens an empty frame and gives its index.
func (s *scan) push(sc *scope, parent, line, position int32) int32 {
	base := s.top
	if s.top += sc.slots; int(s.top) > len(s.slots) {
		s.slots = extended(s.slots, 2*int(s.top))
	}
	s.frames = append(s.frames, frame{
		scope: sc, parent: parent, base: base, touched: int32(len(s.touched)),
		line: line, position: position, ordinal: s.counts[sc.number],
	})
	return int32(len(s.frames) - 1)
}

// touch gives a slot, which is then filled.
func (s *scan) touch(slot int) *span {
	if s.slots[slot].kind == kindNone {
		s.touched = append(s.touched, int32(slot))
	}
	return &s.slots[slot]
}

// set fills a slot unless it is filled: the first of repeated keys counts.
func (s *scan) set(slot int, sp span) {
	if s.slots[slot].kind != kindNone {
		s.slots[slot].repeated = true
		return
	}
	s.touched = append(s.touched, int32(slot))
	s.slots[slot] = sp
}

// closeFrame empties the slots of the innermost frame. What columns take of a kept
// frame stays as cells.
func (s *scan) closeFrame(fr *frame, keep bool) {
	outer := fr.touched
	for _, slot := range s.touched[fr.touched:] {
		if slot < fr.base { // of the frame around, filled from inside
			s.touched[outer] = slot
			outer++
			continue
		}
		number := fr.scope.roles[slot-fr.base].cell
		if sp := s.slots[slot]; keep && number != none && (sp.present() || sp.repeated) {
			s.keep(number, cell{fr.ordinal, sp})
		}
		s.slots[slot] = span{}
	}
	s.touched, s.top = s.touched[:outer], fr.base
}

// abandon closes all frames of a line that cannot be used, and removes what was
// kept of it. root is the frame of its resource.
func (s *scan) abandon(root int32) {
	for _, slot := range s.touched {
		s.slots[slot] = span{}
	}
	s.touched, s.top = s.touched[:0], 0
	s.cut(root)
	s.lane.forget(root)
}

package transform

import (
	"slices"
	"unsafe"
)

// frame is one element that has a scope: a resource, a row, or an element that
// filters judge.
type frame struct {
	scope    *scope
	parent   int32 // index of the enclosing frame; -1 for the resource
	base     int32 // where its slots start, while it is open
	touched  int32 // where the list of its slots that are filled starts
	line     int32 // index of the line in the chunk
	position int32 // in its array, from 1; 0 for the resource
	ordinal  int32 // among the kept frames of its scope in the chunk, from 0
}

// row is a frame as a row of a table, found by one of the table's row paths.
type row struct {
	frame  int32
	source int32
}

// cell is a value that columns take, in the frame of an ordinal, or, once a column is
// being converted, in one of its table's rows.
type cell struct {
	at int32
	span
}

// arena holds what was scanned of a chunk of lines: its kept frames and, slot by
// slot, what was found in them. It is emptied, not freed, between chunks.
type arena struct {
	frames []frame
	cells  [][]cell // by slotRole.cell, ordinals ascending
	counts []int32  // kept frames, by scope.number
	filled int      // how many cells there are
	items  []item
}

// empty removes everything.
func (a *arena) empty() {
	for i := range a.cells {
		a.cells[i] = a.cells[i][:0]
	}
	clear(a.counts)
	a.frames, a.items, a.filled = a.frames[:0], a.items[:0], 0
}

// keep adds a value of a kept frame.
func (a *arena) keep(number int32, c cell) {
	a.cells[number] = append(a.cells[number], c)
	a.filled++
}

// cut removes the frames from index on, with their cells.
func (a *arena) cut(index int32) {
	for _, fr := range slices.Backward(a.frames[index:]) {
		a.counts[fr.scope.number] = fr.ordinal
		for _, role := range fr.scope.roles {
			if role.cell == none {
				continue
			}
			list := a.cells[role.cell]
			if n := len(list) - 1; n >= 0 && list[n].at >= fr.ordinal {
				a.cells[role.cell] = list[:n]
				a.filled--
			}
		}
	}
	a.frames = a.frames[:index]
}

// ancestor is the frame so many scopes above the one at index.
func (a *arena) ancestor(index int32, up int) *frame {
	fr := &a.frames[index]
	for ; up > 0; up-- {
		fr = &a.frames[fr.parent]
	}
	return fr
}

// slot is what was found in a slot of a kept frame, if columns take it.
func (a *arena) slot(fr *frame, slot int32) span {
	list := a.cells[fr.scope.roles[slot].cell]
	i, ok := slices.BinarySearchFunc(list, fr.ordinal, func(c cell, at int32) int { return int(c.at - at) })
	if !ok {
		return span{}
	}
	return list[i].span
}

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

// valueKind is the JSON type of a value.
type valueKind uint8

const (
	kindNone valueKind = iota // not there
	kindNull
	kindFalse
	kindTrue
	kindNumber
	kindText
	kindObject
	kindArray
	kindCount // a number that the scan made: it is start, not a place
	kindMark  // a yes of the plan's own
	kindList  // collected from the elements of an array: start and end are places in the items
)

// span is where a value stands in the page (or in the chunk's side buffer):
// between its quotes if it is a string, with its brackets if it has some.
type span struct {
	start, end uint32
	kind       valueKind
	escaped    bool // a string with escapes
	side       bool // in the side buffer
	repeated   bool // its key came again
}

// present reports whether the value is there and not null.
func (sp span) present() bool { return sp.kind > kindNull }

// view is b as a string that shares its memory: good as long as b is.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

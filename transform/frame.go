package transform

// frame is one element that has a scope: a resource, a row, or an element that
// filters judge. Its slots start at base.
type frame struct {
	scope    *scope
	parent   int32 // index of the enclosing frame; -1 for the resource
	base     int32
	line     int32 // index of the line in the chunk
	position int32 // in its array, from 1; 0 for the resource
}

// row is a frame as a row of a table, found by one of the table's row paths.
type row struct {
	frame  int32
	source int32
}

// arena holds the frames, slots and list items of a chunk of lines. It is
// emptied, not freed, between chunks.
type arena struct {
	frames []frame
	slots  []span
	items  []item
}

// push adds an empty frame and gives its index.
func (a *arena) push(sc *scope, parent, line, position int32) int32 {
	a.frames = append(a.frames, frame{scope: sc, parent: parent, base: int32(len(a.slots)), line: line, position: position})
	a.slots = append(a.slots, make([]span, sc.slots)...)
	return int32(len(a.frames) - 1)
}

// pop removes the frame at index and all that came after it.
func (a *arena) pop(index int32) {
	if int(index) < len(a.frames) {
		a.slots = a.slots[:a.frames[index].base]
		a.frames = a.frames[:index]
	}
}

func (a *arena) reset() { a.frames, a.slots, a.items = a.frames[:0], a.slots[:0], a.items[:0] }

// ancestor is the frame so many scopes above the one at index.
func (a *arena) ancestor(index int32, up int) *frame {
	fr := &a.frames[index]
	for ; up > 0; up-- {
		fr = &a.frames[fr.parent]
	}
	return fr
}

// slot reads a slot of a frame.
func (a *arena) slot(fr *frame, slot int32) span { return a.slots[fr.base+slot] }

package transform

import "slices"

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

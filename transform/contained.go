package transform

// contained is the scope of the contained resources of the resource that sc is in.
// Their frames are kept, so that references find them by their id.
func (sc *scope) contained() *scope {
	for sc.parent != nil {
		sc = sc.parent
	}
	elem := sc.element(sc.root.child(step{key: "contained", index: -1}))
	elem.sought = true
	elem.id = elem.slotOf([]step{{key: "id", index: -1}})
	return elem
}

// containedFrame is the contained resource to which the reference #id in fr leads;
// nil if there is none. index is a frame of the same line.
func (c *chunk) containedFrame(a *alternative, fr *frame, index int32) *frame {
	ref := c.slot(fr, a.via)
	if ref.kind != kindText || ref.end-ref.start < 2 || c.raw(ref)[0] != '#' {
		return nil
	}
	id := string(c.text(ref)[1:])
	for c.frames[index].parent >= 0 {
		index = c.frames[index].parent
	}
	first := int(index) + 1
	for i := first; i < len(c.frames) && c.frames[i].line == fr.line; i++ {
		if i-first == nearFrames {
			return c.containedAfter(i, a.inside, id)
		}
		c.inside.looked++
		if found := &c.frames[i]; found.scope == a.inside && c.hasID(found, id) {
			return found
		}
	}
	return nil
}

// nearFrames is how many frames of a line are looked through for a contained resource
// each time. Beyond, there is an index, so that a line of many references into many
// resources takes no longer than its length.
const nearFrames = 256

// containedIndex finds the contained resources of one line by their ids.
type containedIndex struct {
	scope  *scope // nil: there is none
	line   int32
	frames map[string]int32 // the first of each id
	looked int              // frames that were looked at, for tests
}

// containedAfter is the contained resource with an id whose frame is at from or after it.
func (c *chunk) containedAfter(from int, sc *scope, id string) *frame {
	x, line := &c.inside, c.frames[from].line
	if x.scope != sc || x.line != line {
		x.scope, x.line, x.frames = sc, line, map[string]int32{}
		for i := from; i < len(c.frames) && c.frames[i].line == line; i++ {
			x.looked++
			if c.frames[i].scope != sc {
				continue
			}
			sp := c.slot(&c.frames[i], sc.id)
			if _, known := x.frames[string(c.text(sp))]; sp.kind == kindText && !known {
				x.frames[string(c.text(sp))] = int32(i)
			}
		}
	}
	if i, ok := x.frames[id]; ok {
		return &c.frames[i]
	}
	return nil
}

func (c *chunk) hasID(fr *frame, id string) bool {
	sp := c.slot(fr, fr.scope.id)
	return sp.kind == kindText && string(c.text(sp)) == id
}

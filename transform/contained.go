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
	for i := int(index) + 1; i < len(c.frames) && c.frames[i].line == fr.line; i++ {
		if found := &c.frames[i]; found.scope == a.inside && c.hasID(found, id) {
			return found
		}
	}
	return nil
}

func (c *chunk) hasID(fr *frame, id string) bool {
	sp := c.slot(fr, fr.scope.id)
	return sp.kind == kindText && string(c.text(sp)) == id
}

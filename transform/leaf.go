package transform

// maxPathKey is how long a key may be that a path tells.
const maxPathKey = 64

// leaves calls yield for the leaves in the value at, whose parent is at path.
func (r *reach) leaves(at int32, path []byte, yield func(Leaf)) {
	v := &r.values[at]
	if v.parent >= 0 {
		path = r.appendStep(path, at)
	}
	switch {
	case v.kind == kindObject || v.kind == kindArray:
		for i := range r.inside(at) {
			r.leaves(i, path, yield)
		}
	case v.isLeaf() && !r.isType(at):
		yield(Leaf{Path: path, Start: int(v.start), End: int(v.end), Reached: v.reached, Narrative: r.isNarrative(at)})
	}
}

// appendStep adds the step to the value at. FHIR's element names are told; a key
// that cannot be one might be content, and is told as a question mark.
func (r *reach) appendStep(path []byte, at int32) []byte {
	if len(path) > 0 {
		path = append(path, '.')
	}
	switch v := &r.values[at]; {
	case v.key.kind == kindNone:
		return append(path, '#')
	case !isElementName(r.key(at)):
		return append(path, '?')
	}
	return append(path, r.key(at)...)
}

// isElementName reports whether key can be the name of a FHIR element: letters and
// digits, with _ in front for the extensions of a primitive value.
func isElementName(key []byte) bool {
	if len(key) == 0 || len(key) > maxPathKey {
		return false
	}
	for i, c := range key {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c != '_' || i > 0) && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return true
}

// isType reports whether the value at is a resource's type.
func (r *reach) isType(at int32) bool {
	return r.named(at, "resourceType")
}

// isNarrative reports whether the value at is the status or div of the narrative of
// the resource or of a contained one (FHIR R4, "Narrative").
func (r *reach) isNarrative(at int32) bool {
	text := r.values[at].parent
	if text < 0 || !r.named(at, "div") && !r.named(at, "status") || !r.named(text, "text") {
		return false
	}
	resource := r.values[text].parent
	if resource <= 0 {
		return true
	}
	list := r.values[resource].parent
	return r.values[list].parent == 0 && r.named(list, "contained")
}

func (r *reach) named(at int32, name string) bool {
	return r.values[at].key.kind == kindText && string(r.key(at)) == name
}

package transform

import (
	"slices"
	"strconv"
)

// ascend goes back the way that steps led to the value at, and marks what the
// filters on it compared. It gives the element that the way begins at.
func (r *reach) ascend(at int32, steps []step) int32 {
	for _, s := range slices.Backward(steps) {
		if at < 0 {
			break
		}
		if s.query != nil {
			r.compared(at, s.query)
		}
		at = r.values[at].parent
	}
	return at
}

// ascendRow does the same for a row path and the element that is the row. A single
// object in an array's place is no level of its own.
func (r *reach) ascendRow(at int32, steps []rowStep) {
	for _, s := range slices.Backward(steps) {
		if at < 0 {
			return
		}
		if s.query != nil {
			r.compared(at, s.query)
		}
		parent := r.values[at].parent
		if !s.each || parent >= 0 && r.values[parent].kind == kindArray {
			at = parent
		}
	}
}

// rowSteps are the row paths of a table, parsed once.
func (r *reach) rowSteps(t *tablePlan, paths []string) [][]rowStep {
	if r.rows == nil {
		r.rows = map[*tablePlan][][]rowStep{}
	}
	if r.rows[t] == nil {
		for _, path := range paths {
			steps, _ := parseRowPath(path) // Compile has read it
			r.rows[t] = append(r.rows[t], steps)
		}
	}
	return r.rows[t]
}

// compared marks the value in an element by which a filter selected it. What !=, <
// and > compared is not told by the column, so it stays as it is.
func (r *reach) compared(element int32, q *query) {
	at := r.lookUp(element, q.path.steps)
	if at < 0 {
		return
	}
	if v := &r.values[at]; (q.op == "=" || q.op == "%") && v.isLeaf() {
		v.reached = true
	}
	r.ascend(at, q.path.steps)
}

// lookUp follows steps down from the value at; -1 where they lead nowhere.
func (r *reach) lookUp(at int32, steps []step) int32 {
	if len(steps) == 0 {
		return at
	}
	for i := range r.inside(at) {
		if !r.follows(i, r.values[at].kind, steps[0]) {
			continue
		}
		if found := r.lookUp(i, steps[1:]); found >= 0 || steps[0].query != nil {
			return found
		}
	}
	return -1
}

// follows reports whether step s leads from an object or array to the value i in it.
func (r *reach) follows(i int32, from valueKind, s step) bool {
	switch {
	case from == kindObject:
		return s.query == nil && !s.count && string(r.key(i)) == s.key
	case s.query == nil:
		return s.key == strconv.Itoa(int(r.values[i].index))
	}
	at := r.lookUp(i, s.query.path.steps)
	return at >= 0 && s.query.matches(r.values[at].kind, string(r.valueText(at)))
}

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

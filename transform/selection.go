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

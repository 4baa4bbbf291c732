package transform

import (
	"fmt"
	"strings"
)

// rowStep is one component of a row path: a key, or an array's elements (each),
// which a filter may choose among.
type rowStep struct {
	step
	each bool
	all  bool // #(…)#: all elements that match, not only the first
}

// parseRowPath reads a row path, such as item.#.detail. What it leads to is an
// array, whose elements are the rows, or a single object.
func parseRowPath(text string) ([]rowStep, error) {
	parts, err := components(text)
	if err != nil {
		return nil, fmt.Errorf("row path %q: %w", text, err)
	}
	var steps []rowStep
	for _, part := range parts {
		s, ok := parseRowStep(part)
		if !ok {
			return nil, fmt.Errorf("row path %q: %q is not a key, an index, #, #(…) or #(…)#", text, part)
		}
		steps = append(steps, s)
	}
	if !steps[len(steps)-1].each {
		steps = append(steps, rowStep{each: true})
	}
	return steps, nil
}

func parseRowStep(part string) (rowStep, bool) {
	if part == "#" {
		return rowStep{each: true}, true
	}
	inner, all := strings.CutSuffix(part, ")#")
	if all {
		part = inner + ")"
	}
	s, ok := parseStep(part, false)
	return rowStep{step: s, each: s.query != nil, all: all}, ok
}

// rowScope is the scope of the elements at steps, with the slots that must be
// marked for an element to be a row, as (scopes up, slot).
func (rp *resourcePlan) rowScope(steps []rowStep) (*scope, []condition) {
	sc := rp.root
	n := sc.root
	var conditions []condition
	for _, s := range steps {
		if !s.each {
			n = n.child(s.step)
			continue
		}
		if n.taken == none {
			n.taken = sc.newSlot()
		}
		outer := sc
		sc = sc.element(n)
		n = sc.root
		if s.query != nil {
			conditions = append(conditions, condition{level: sc.level, slot: sc.marked(outer, s)})
		}
	}
	return sc, conditions
}

// marked is the slot of sc that tells whether the filter of s holds.
func (sc *scope) marked(outer *scope, s rowStep) int32 {
	f := sc.filter(outer, s.query, s.all)
	if f.mark == none {
		f.mark = sc.newSlot()
	}
	return f.mark
}

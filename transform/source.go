package transform

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// source is where a column's value comes from, relative to its row.
type source struct {
	text   string // as the mapping writes it
	root   bool   // $: the resource
	up     int    // ^: how many row elements up
	pseudo string // @path, @level or @position; then there is no path
	path   path
	base   path  // the composite that path is a part of: it decides which alternative is present
	via    *path // @contained: the reference to the contained resource that path and base start at
}

// The pseudo values of a row.
const (
	pseudoPath     = "@path"     // positions from the resource down, such as 1.2
	pseudoLevel    = "@level"    // number of arrays around the element, itself included
	pseudoPosition = "@position" // position in its array, from 1
)

// throughContained, after a Reference, leads on to the contained resource that
// it names (FHIR R4, "Contained Resources").
const throughContained = ".@contained."

// parseSource reads a column path: gjson's, with $. for the resource and ^. for
// the enclosing row element, or one of @path, @level and @position. part is the
// way from there to one part of a composite type, such as .coding.0.code.
func parseSource(text, part string, m manner) (source, error) {
	s, rest := source{text: text + part}, text
	if r, ok := strings.CutPrefix(rest, "$."); ok {
		s.root, rest = true, r
	}
	for strings.HasPrefix(rest, "^") {
		s.up++
		rest = strings.TrimPrefix(rest[1:], ".")
	}
	switch rest {
	case "":
		return source{}, fmt.Errorf("path %q ends too early", text)
	case pseudoPath, pseudoLevel, pseudoPosition:
		s.pseudo = rest
		return s, nil
	}
	if s.root && s.up > 0 {
		return source{}, errors.New("$ and ^ do not go together")
	}
	if reference, inside, ok := strings.Cut(rest, throughContained); ok {
		via, err := parsePath(reference + ".reference")
		if err != nil || via.rest != "" {
			return source{}, fmt.Errorf("path %q: %q before @contained cannot be scanned", text, reference)
		}
		s.via, rest = &via, inside
	}
	err := s.parse(rest, part, m)
	return s, err
}

func (s *source) parse(rest, part string, m manner) (err error) {
	if s.base, err = parseSteps(rest, m); err == nil {
		s.path, err = parseSteps(rest+part, m)
	}
	return err
}

// from is the scope that s starts at for a row of sc; nil where that is beyond
// the resource.
func (s source) from(sc *scope) *scope {
	for up := s.up; sc != nil && (up > 0 || s.root && sc.parent != nil); up-- {
		sc = sc.parent
	}
	return sc
}

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

// Elements are the root elements of a resource type that its mapping takes,
// sorted, as Bulk Data's _elements names them. They are nil where the mapping
// takes whole resources, or where there is none: then all elements are wanted.
func (p *Plan) Elements(resource string) []string {
	rp := p.byType[resource]
	if rp == nil || rp.extras != none || rp.root.root.slot != none {
		return nil
	}
	elements := map[string]bool{}
	for key := range rp.root.root.keys {
		// A primitive's extensions come with it; the type comes always.
		if key = strings.TrimPrefix(key, "_"); key != "resourceType" {
			elements[key] = true
		}
	}
	return slices.Sorted(maps.Keys(elements))
}

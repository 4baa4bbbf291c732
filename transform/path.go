package transform

import (
	"fmt"
	"strconv"
	"strings"
)

// path is a gjson path, as far as the scan knows it; rest is what is left for
// gjson. A path without steps and rest is the element itself.
type path struct {
	text  string
	steps []step
	rest  string
}

// step is one component of a path.
type step struct {
	key   string // object key, unescaped
	index int    // the same as an array index; -1 where it is none
	count bool   // # at the end: the number of elements
	each  bool   // # before the end, in a list path: of every element
	some  bool   // the same, but there is no list where no element has a value
	query *query // #(…): the first element that matches; with each all of them
}

// maxIndex is the greatest array index that the scan knows.
const maxIndex = 255

// manner is how many values a path may lead to.
type manner int

const (
	oneValue manner = iota // the first
	aList                  // one list, also where # comes more than once: gjson would nest them
	allMatch               // the same, with #(…)# for every element that matches; without one there is no value
)

// parsePath reads a gjson path to one value.
func parsePath(text string) (path, error) { return parseSteps(text, oneValue) }

func parseSteps(text string, m manner) (path, error) {
	p := path{text: text}
	if text == "@this" {
		return p, nil
	}
	parts, err := components(strings.TrimPrefix(text, "@this."))
	if err != nil {
		return path{}, fmt.Errorf("path %q: %w", text, err)
	}
	for _, part := range parts {
		if beyondScan(part) {
			p.rest = text
			return p, nil
		}
	}
	for i, part := range parts {
		matches, every := part, false
		if m == allMatch && strings.HasPrefix(part, "#(") {
			matches, every = strings.CutSuffix(part, "#")
		}
		s, ok := parseStep(matches, i == len(parts)-1)
		s.each = every
		if part == "#" && !ok {
			s.count, s.each, s.some, ok = false, true, m == allMatch, m != oneValue
		}
		if !ok {
			return p.cut(parts), nil
		}
		p.steps = append(p.steps, s)
	}
	return p, nil
}

// cut leaves to gjson all of p from the first step that is not an object key.
func (p path) cut(parts []string) path {
	n := 0
	for n < len(p.steps) && p.steps[n].query == nil && !p.steps[n].each && p.steps[n].index < 0 {
		n++
	}
	p.steps, p.rest = p.steps[:n], strings.Join(parts[n:], ".")
	return p
}

// beyondScan reports whether a component makes gjson evaluate the path in
// another way than step by step: modifiers, pipes, multipaths, literals.
func beyondScan(part string) bool {
	if strings.ContainsRune("@![{", rune(part[0])) {
		return true
	}
	end := strings.LastIndexByte(part, ')') + 1
	return strings.ContainsRune(part[end:], '|') || end == 0 && strings.ContainsRune(part, '|')
}

func parseStep(part string, last bool) (step, bool) {
	if part == "#" {
		return step{count: true, index: -1}, last
	}
	if inner, ok := strings.CutPrefix(part, "#("); ok && strings.HasSuffix(inner, ")") {
		q, ok := parseQuery(strings.TrimSuffix(inner, ")"))
		return step{query: q, index: -1}, ok
	}
	key, ok := unescapeKey(part)
	if !ok {
		return step{}, false
	}
	s := step{key: key, index: -1}
	if n, err := strconv.Atoi(part); err == nil && part[0] != '-' && part[0] != '+' {
		s.index = n
		return s, n <= maxIndex && strconv.Itoa(n) == part
	}
	return s, true
}

// unescapeKey gives the object key that a component names. It reports false for
// wildcards and for what gjson reads in a way of its own.
func unescapeKey(part string) (string, bool) {
	plain := strings.ReplaceAll(part, `\.`, "")
	if strings.ContainsAny(plain, `\*?|#()[]{}"`) {
		return "", false
	}
	return strings.ReplaceAll(part, `\.`, "."), true
}

// components splits a path at its dots, but not within brackets and quotes.
func components(text string) ([]string, error) {
	var parts []string
	start, depth, quoted := 0, 0, false
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == '.' && depth == 0:
			if i == start {
				return nil, fmt.Errorf("has an empty component")
			}
			parts = append(parts, text[start:i])
			start = i + 1
		case text[i] == '\\':
			i = min(i+1, len(text)-1)
		case text[i] == '"' && depth > 0:
			quoted = !quoted
		case quoted:
		case strings.IndexByte("([{", text[i]) >= 0:
			depth++
		case strings.IndexByte(")]}", text[i]) >= 0:
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 || quoted {
		return nil, fmt.Errorf("brackets or quotes do not match")
	}
	return parts, nil
}

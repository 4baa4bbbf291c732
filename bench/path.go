package main

import (
	"fmt"
	"strconv"
	"strings"
)

// step is one component of a mapping's path. This is a second reading of the
// mapping, made for SQL, and shares no code with the product's: if both agree on
// every row, neither is wrong in the same way.
type step struct {
	key   string     // object key; "" in the others
	index int        // array index; -1 in the others
	each  bool       // #: of every element
	count bool       // # at the end: the number of elements
	where *condition // #(…): the first element that matches; with each, #(…)#, all of them
}

// condition is what stands between the brackets of a filter. Without an op it
// asks whether path exists.
type condition struct {
	path      []step
	op, value string
}

// parsePath reads a path. list says that a # at its end is every element.
func parsePath(text string, list bool) ([]step, error) {
	var steps []step
	parts := splitPath(text)
	for i, part := range parts {
		s := step{index: -1}
		n, err := strconv.Atoi(part)
		switch {
		case part == "#" && i == len(parts)-1 && !list:
			s.count = true
		case part == "#":
			s.each = true
		case strings.HasPrefix(part, "#("):
			part, s.each = strings.CutSuffix(part, "#")
			if s.where, err = parseCondition(part[2 : len(part)-1]); err != nil {
				return nil, fmt.Errorf("path %q: %w", text, err)
			}
		case err == nil:
			s.index = n
		case strings.ContainsAny(part, `@\|*?#()"`):
			return nil, fmt.Errorf("path %q: the benchmark cannot say %q in SQL", text, part)
		default:
			s.key = part
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func parseCondition(text string) (*condition, error) {
	depth, at := 0, len(text)
	for i := 0; i < len(text) && at == len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '=', '%':
			if depth == 0 {
				at = i
			}
		}
	}
	c := &condition{}
	var err error
	if c.path, err = parsePath(text[:at], false); err != nil || at == len(text) {
		return c, err
	}
	c.op, c.value = "=", strings.TrimPrefix(text[at:], "==")
	if text[at] == '%' {
		c.op, c.value = "%", text[at+1:]
	}
	return c, nil
}

// quoted is the value of a condition between quotes, if it has them.
func (c *condition) quoted() (string, bool) {
	text, err := strconv.Unquote(c.value)
	return text, err == nil
}

// splitPath splits a path at the dots outside brackets.
func splitPath(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '.' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

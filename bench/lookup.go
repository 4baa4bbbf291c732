package main

import (
	"fmt"
	"regexp"
	"strings"
)

// lookup is a list of the keys of an array's elements, made once for each row, in
// which the columns find their element: total.#(category.coding.#(code=="copay"))
// and a dozen like it. One list_filter for each column, as a first version had
// it, took DuckDB a third longer in all.
type lookup struct {
	keys, index string // names: the keys, and for each the number of its element; without index they are as many
	of          string // their expressions, with names
}

// lookup gives the expression for what rest leads to from the element of list that c
// chooses; "" where it takes a list_filter: within a lambda, or to compare other
// than texts.
func (w *walker) lookup(list string, elem *shape, c *condition, rest []step) (string, *shape, error) {
	l, inner, err := w.keysOf(list, elem, c)
	if inner == nil || err != nil {
		return "", nil, err
	}
	values, leaf, err := w.values(list, elem, rest)
	key, _ := inner.quoted()
	return w.found(values, l, key), leaf, err
}

// keysOf gives the lookup of list by the texts that c compares, and the condition that
// has the value; none where there can be no such lookup.
func (w *walker) keysOf(list string, elem *shape, c *condition) (lookup, *condition, error) {
	path, inner := c.keyPath()
	if path == "" || lambdaParameter.MatchString(list) {
		return lookup{}, nil, nil
	}
	id := list + " " + path
	l, ok := w.lookups[id]
	if !ok {
		var err error
		if l, err = w.newLookup(list, elem, c, inner); err != nil {
			return l, nil, err
		}
		w.lookups[id] = l
		w.order = append(w.order, l.of)
	}
	return l, inner, nil
}

// values gives the name of the list of what rest leads to from each element.
func (w *walker) values(list string, elem *shape, rest []step) (string, *shape, error) {
	e, leaf, err := w.walk("x", elem, rest)
	if err != nil {
		return "", nil, err
	}
	id := list + " value " + e
	l, ok := w.lookups[id]
	if !ok {
		l = lookup{keys: fmt.Sprintf("v%d", len(w.order))}
		w.lookups[id] = l
		w.order = append(w.order, w.keys(list, "x", e)+" AS "+l.keys)
	}
	return l.keys, leaf, nil
}

var lambdaParameter = regexp.MustCompile(`\bx\d*\b`)

// keyPath is the path of the texts that c compares, and the condition that has the
// value; "" if it is of another kind.
func (c *condition) keyPath() (string, *condition) {
	var parts []string
	for i, s := range c.path {
		if s.where != nil {
			if i < len(c.path)-1 || c.op != "" {
				return "", nil
			}
			path, inner := s.where.keyPath()
			if path == "" || inner != s.where {
				return "", nil
			}
			return strings.Join(parts, ".") + ".#." + path, inner
		}
		parts = append(parts, s.key)
	}
	if _, text := c.quoted(); c.op != "=" || !text {
		return "", nil
	}
	return strings.Join(parts, "."), c
}

func (w *walker) newLookup(list string, elem *shape, c, inner *condition) (lookup, error) {
	l := lookup{keys: fmt.Sprintf("k%d", len(w.order))}
	x := w.variable()
	if inner == c {
		key, leaf, err := w.walk(x, elem, c.path)
		if err != nil {
			return l, err
		}
		leaf.use("string")
		l.of = w.keys(list, x, key) + " AS " + l.keys
		return l, nil
	}
	codings, s, err := w.walk(x, elem, c.path[:len(c.path)-1])
	if err != nil || s.elem == nil {
		return l, errAbsent
	}
	y := w.variable()
	key, leaf, err := w.walk(y, s.elem, inner.path)
	if err != nil {
		return l, err
	}
	leaf.use("string")
	l.index = fmt.Sprintf("i%d", len(w.order))
	keys, index := w.nestedKeys(list, x, codings, y, key)
	l.of = keys + " AS " + l.keys + ", " + index + " AS " + l.index
	return l, nil
}

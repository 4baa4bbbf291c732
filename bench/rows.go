package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// scope is where a row's values come from: the resource at level 0, and the
// elements of the arrays that its row path goes through.
type scope struct {
	elements  []string // expressions; "" for the resource, whose elements are columns
	shapes    []*shape
	positions []string // from level 1 on
}

// column is the expression of one column in a scope.
func (w *walker) column(sc *scope, c *mappedColumn) (string, error) {
	var cases, values []string
	for _, a := range c.alternatives {
		base, value, err := w.alternative(sc, &a, c)
		if errors.Is(err, errAbsent) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("column %s: %w", c.name, err)
		}
		if base == "" { // always present
			return value, nil
		}
		cases, values = append(cases, "WHEN "+base+" THEN "+value), append(values, value)
	}
	if len(cases) == 0 {
		return w.null(c.kind), nil
	}
	if len(cases) == 1 && !c.choice {
		return values[0], nil
	}
	return "CASE " + strings.Join(cases, " ") + " END", nil
}

// alternative gives the condition on which an alternative is taken, and its value.
func (w *walker) alternative(sc *scope, a *alternative, c *mappedColumn) (base, value string, err error) {
	level := len(sc.elements) - 1 - a.up
	if a.root {
		level = 0
	}
	if level < 0 {
		return "", "", errAbsent
	}
	if a.pseudo != "" {
		return "", w.pseudo(sc, a.pseudo, level), nil
	}
	e, s := sc.elements[level], sc.shapes[level]
	if a.via != nil {
		if e, s, err = w.via(sc, e, s, a.via); err != nil {
			return "", "", err
		}
	}
	if i := slices.IndexFunc(a.path, func(s step) bool { return s.each && s.where != nil }); c.sum && i >= 0 {
		value, err = w.total(e, s, a.path[:i], a.path[i:], c.kind)
		return value + " IS NOT NULL", value, err
	}
	b, bs, err := w.walk(e, s, a.base)
	if err != nil {
		return "", "", err
	}
	base = w.present(b, bs)
	if c.choice {
		return base, quote(a.text), nil
	}
	v, vs, err := w.walk(e, s, a.path)
	if err == nil {
		value, err = w.value(v, vs, c)
	}
	if errors.Is(err, errAbsent) && len(a.base) < len(a.path) {
		return base, w.null(c.kind), nil // the composite is there, but not this part of it
	}
	return base, value, err
}

func (w *walker) pseudo(sc *scope, name string, level int) string {
	switch name {
	case "@level":
		return fmt.Sprint(level)
	case "@position":
		return sc.positions[level-1]
	}
	return w.path(sc.positions[:level])
}

// via leads on to the contained resource that the reference at steps names.
func (w *walker) via(sc *scope, e string, s *shape, steps []step) (string, *shape, error) {
	reference, leaf, err := w.walk(e, s, steps)
	if err != nil || !leaf.fragment {
		return "", nil, errAbsent
	}
	leaf.use("string")
	list, ls, err := w.walk("", sc.shapes[0], []step{{key: "contained", index: -1}})
	if err != nil || ls.elem == nil {
		return "", nil, errAbsent
	}
	x := w.variable()
	id, leaf, err := w.walk(x, ls.element(), []step{{key: "id", index: -1}})
	if err != nil {
		return "", nil, err
	}
	leaf.use("string")
	return w.contained(list, x, id, reference), ls.elem, nil
}

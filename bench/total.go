package main

import (
	"fmt"
	"slices"
)

// total gives the sum of what rest leads to: from all elements, of the list that way leads
// to, that the first step of rest chooses.
func (w *walker) total(e string, s *shape, way, rest []step, kind string) (string, error) {
	list, elem, err := w.elements(e, s, way)
	if err != nil {
		return "", err
	}
	l, inner, err := w.keysOf(list, elem, rest[0].where)
	if err != nil {
		return "", err
	}
	if inner == nil { // it compares other than texts
		return w.totalOf(list, elem, rest, kind)
	}
	values, leaf, err := w.values(list, elem, rest[1:])
	if err != nil {
		return "", err
	}
	leaf.use(kind)
	key, _ := inner.quoted()
	return w.sum(w.keyed(values, l, key), kind), nil
}

func (w *walker) totalOf(list string, elem *shape, rest []step, kind string) (string, error) {
	x := w.variable()
	condition, err := w.condition(x, elem, rest[0].where)
	if err != nil {
		return "", err
	}
	y := w.variable()
	value, leaf, err := w.walk(y, elem, rest[1:])
	if err != nil {
		return "", err
	}
	leaf.use(kind)
	return w.sum(w.each(w.filter(list, x, condition), y, value, false), kind), nil
}

// elements gives the list that way leads to, and its elements' shape; where way goes
// through an array, the lists of all of its elements are one, which gets a name.
func (w *walker) elements(e string, s *shape, way []step) (string, *shape, error) {
	i := slices.IndexFunc(way, func(s step) bool { return s.each })
	array := way
	if i >= 0 {
		array, way = way[:i], way[i+1:]
	}
	list, ls, err := w.walk(e, s, array)
	if err != nil || ls.elem == nil {
		return "", nil, errAbsent
	}
	elem := ls.element()
	elem.wanted = true
	if i < 0 {
		return list, elem, nil
	}
	x := w.variable()
	inner, is, err := w.walk(x, elem, way)
	if err != nil || is.elem == nil {
		return "", nil, errAbsent
	}
	elem = is.element()
	elem.wanted = true
	return w.named(w.each(list, x, inner, true)), elem, nil
}

// named gives the name of a list that is made once for each row.
func (w *walker) named(list string) string {
	l, ok := w.lookups[list]
	if !ok {
		l = lookup{keys: fmt.Sprintf("l%d", len(w.order))}
		w.lookups[list] = l
		w.order = append(w.order, list+" AS "+l.keys)
	}
	return l.keys
}

package main

import (
	"errors"
	"strconv"
	"strings"
)

// errAbsent says that nothing in the input can be at a path.
var errAbsent = errors.New("no such element in the input")

// dialect says the same things to one database or the other.
type dialect interface {
	name(key string) string                         // of a column
	field(e, key string) string                     // of an object
	at(list string, index int) string               // an element, null beyond the end
	first(list, x, condition string) string         // the first element x that meets a condition
	some(list, x, condition string) string          // whether there is one
	each(list, x, value string, flat bool) string   // value of every element, without nulls; flat joins lists
	length(list string) string                      // null where there is no list
	like(text, pattern string) string               // * stands for any text
	convert(e string, s *shape, kind string) string // from the element's type to the column's
	present(e string, s *shape) string              // whether there is a value
	null(kind string) string                        // a null of the column's type
	contained(list, x, id, reference string) string // the contained resource that a reference #id names
	precision(e string, s *shape) string            // of a date
	keys(list, x, key string) string                // the key of each element
	nestedKeys(list, x, inner, y, key string) (string, string)
	found(values string, l lookup, key string) string // of values, that of the element with a key
	keyed(values string, l lookup, key string) string // of values, those of all elements with a key
	filter(list, x, condition string) string          // all elements that meet a condition
	sum(list, kind string) string                     // null where there is no value
	rest(e string, c *mappedColumn) string            // join and without
	path(positions []string) string                   // such as 1.2
	source() string                                   // the resources, each with what its line's number is made from
	unnest(list, e, position, from string) string     // a row for each element e of list
	lineage() string                                  // the lineage columns
	leafType(s *shape) string                         // what a value is read as
	kindType(kind string) string                      // the type of a column
}

// walker turns paths into expressions. It walks the shape along, and notes in it
// what is wanted, so that only that is read.
type walker struct {
	dialect
	vars    int               // names of lambda parameters given so far
	lookups map[string]lookup // of the current rows, by list and key
	order   []string          // their expressions
}

// walk gives the expression for steps from e, which has shape s.
func (w *walker) walk(e string, s *shape, steps []step) (string, *shape, error) {
	s.wanted = true
	if len(steps) == 0 {
		return e, s, nil
	}
	first, rest := steps[0], steps[1:]
	if first.key != "" {
		child, err := w.child(s, first.key)
		if err != nil {
			return "", nil, err
		}
		return w.walk(w.key(e, first.key), child, rest)
	}
	if s.elem == nil {
		return "", nil, errAbsent
	}
	elem := s.element()
	elem.wanted = true
	switch {
	case first.count:
		return w.length(e), &shape{leaf: leaf{number: true, uses: []string{"count"}}}, nil
	case first.index >= 0:
		return w.walk(w.at(e, first.index), elem, rest)
	case first.where != nil:
		if found, leaf, err := w.lookup(e, elem, first.where, rest); found != "" || err != nil {
			return found, leaf, err
		}
		x := w.variable()
		condition, err := w.condition(x, elem, first.where)
		if err != nil {
			return "", nil, err
		}
		return w.walk(w.first(e, x, condition), elem, rest)
	}
	x := w.variable()
	value, leaf, err := w.walk(x, elem, rest)
	if err != nil {
		return "", nil, err
	}
	return w.each(e, x, value, hasEach(rest)), leaf, nil
}

func hasEach(steps []step) bool {
	for _, s := range steps {
		if s.each {
			return true
		}
	}
	return false
}

func (w *walker) variable() string {
	w.vars++
	return "x" + strconv.Itoa(w.vars)
}

// key is an element of an object; of the resource it is a column.
func (w *walker) key(e, key string) string {
	if e == "" {
		return w.name(key)
	}
	return w.field(e, key)
}

func (w *walker) child(s *shape, key string) (*shape, error) {
	if s.keys[key] == nil {
		return nil, errAbsent
	}
	return s.key(key), nil
}

func (w *walker) condition(x string, s *shape, c *condition) (string, error) {
	last := c.path[len(c.path)-1]
	if c.op == "" && last.where != nil {
		list, ls, err := w.walk(x, s, c.path[:len(c.path)-1])
		if err != nil || ls.elem == nil {
			return "", errAbsent
		}
		y := w.variable()
		inner, err := w.condition(y, ls.element(), last.where)
		return w.some(list, y, inner), err
	}
	e, leaf, err := w.walk(x, s, c.path)
	if err != nil {
		return "", err
	}
	value, text := c.quoted()
	switch {
	case c.op == "":
		return w.present(e, leaf), nil
	case c.op == "%":
		leaf.use("string")
		return w.like(e, value), nil
	case text:
		leaf.use("string")
		return e + " = " + quote(value), nil
	}
	leaf.use("boolean")
	return e + " = " + c.value, nil
}

// value is the value of a leaf as a column of a kind has it.
func (w *walker) value(e string, s *shape, c *mappedColumn) (string, error) {
	list := strings.HasPrefix(c.kind, "list(") || c.join != ""
	if s.keys != nil || s.elem != nil && !list {
		return "", errAbsent
	}
	leaf := s
	if list && s.elem != nil {
		leaf = s.elem
		leaf.wanted = true
	}
	kind := c.kind
	if c.precision {
		kind = "precision"
	}
	leaf.use(kind)
	switch {
	case c.precision:
		return w.precision(e, leaf), nil
	case c.join != "" || c.without != "":
		return w.rest(e, c), nil
	}
	return w.convert(e, leaf, kind), nil
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

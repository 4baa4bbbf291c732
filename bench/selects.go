package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// wantedKeys are the keys of an object that paths lead to, sorted.
func wantedKeys(s *shape) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if s.keys[key].wanted {
			keys = append(keys, key)
		}
	}
	return keys
}

// selects gives the SELECT of each table, from the table resource; "" where the
// input has no such rows.
func selects(d dialect, tables []mappedTable, s *shape) (map[string]string, error) {
	all := map[string]string{}
	// Twice: what a value is read as depends on all of its columns.
	for range 2 {
		s.wanted = true
		w := &walker{dialect: d, lookups: map[string]lookup{}}
		updated, leaf, err := w.walk("", s, []step{{key: "meta", index: -1}, {key: "lastUpdated", index: -1}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", updated, err)
		}
		leaf.use("instant")
		for _, t := range tables {
			if all[t.name], err = w.selectRows(&t, s); err != nil {
				return nil, fmt.Errorf("table %s: %w", t.name, err)
			}
		}
	}
	return all, nil
}

// selectRows gives the SELECT of one table.
func (w *walker) selectRows(t *mappedTable, s *shape) (string, error) {
	paths := t.rows
	if len(paths) == 0 {
		paths = [][]step{nil}
	}
	var selects []string
	for _, path := range paths {
		from, sc, ok := w.rows(path, s)
		if !ok {
			continue
		}
		w.lookups, w.order = map[string]lookup{}, nil
		var columns []string
		for i := range t.columns {
			e, err := w.column(sc, &t.columns[i])
			if err != nil {
				return "", err
			}
			columns = append(columns, e+" AS "+w.name(t.columns[i].name))
		}
		if len(w.order) > 0 {
			from = "(SELECT *, " + strings.Join(w.order, ", ") + " FROM " + from + ")"
		}
		selects = append(selects, "SELECT "+strings.Join(append(columns, w.lineage()), ",\n  ")+"\nFROM "+from)
	}
	return strings.Join(selects, "\nUNION ALL\n"), nil
}

// rows unnests the arrays on a row path, one within the other. It reports
// false where the input has no such element.
func (w *walker) rows(path []step, s *shape) (string, *scope, bool) {
	sc := &scope{elements: []string{""}, shapes: []*shape{s}}
	from := w.source()
	e, at, start := "", s, 0
	for i, step := range path {
		if !step.each {
			continue
		}
		list, ls, err := w.walk(e, at, path[start:i])
		if err != nil || ls.elem == nil {
			return "", nil, false
		}
		level := len(sc.elements)
		e, at, start = fmt.Sprintf("e%d", level), ls.element(), i+1
		position := fmt.Sprintf("p%d", level)
		at.wanted = true
		from = w.unnest(list, e, position, from)
		sc.elements, sc.shapes, sc.positions = append(sc.elements, e), append(sc.shapes, at), append(sc.positions, position)
	}
	return from, sc, true
}

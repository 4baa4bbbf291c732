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

// duckLineage is what DuckDB adds as lineage. It has no way to hash a line that it
// reads by type, so that _hash is left out for it; the line's number is the row's
// place in the table it reads into.
const duckLineage = `'local' AS "_source", 'run' AS "_run_id", 'file' AS "_file_id", "_row" + 1 AS "_line", now() AS "_retrieved_at", now() AS "_transaction_time", 'explanation_of_benefit' AS "_mapping", coalesce("meta"."lastUpdated", now()) AS "_version", false AS "_deleted"`

// duckSelects gives the SELECT of each table, from the table resource.
func duckSelects(tables []mappedTable, s *shape) (map[string]string, error) {
	selects := map[string]string{}
	// Twice: what a value is read as depends on all of its columns.
	for range 2 {
		s.wanted = true
		w := &walker{dialect: duck{}, lookups: map[string]lookup{}}
		updated, leaf, err := w.walk("", s, []step{{key: "meta", index: -1}, {key: "lastUpdated", index: -1}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", updated, err)
		}
		leaf.use("instant")
		for _, t := range tables {
			if selects[t.name], err = w.duckSelect(&t, s); err != nil {
				return nil, fmt.Errorf("table %s: %w", t.name, err)
			}
		}
	}
	return selects, nil
}

func (w *walker) duckSelect(t *mappedTable, s *shape) (string, error) {
	paths := t.rows
	if len(paths) == 0 {
		paths = [][]step{nil}
	}
	var selects []string
	for _, path := range paths {
		from, sc, ok := w.duckRows(path, s)
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
		selects = append(selects, "SELECT "+strings.Join(append(columns, duckLineage), ",\n  ")+"\nFROM "+from)
	}
	return strings.Join(selects, "\nUNION ALL\n"), nil
}

// duckRows unnests the arrays on a row path, one within the other. It reports
// false where the input has no such element.
func (w *walker) duckRows(path []step, s *shape) (string, *scope, bool) {
	sc := &scope{elements: []string{""}, shapes: []*shape{s}}
	from := `(SELECT *, rowid AS "_row" FROM resource)`
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
		from = fmt.Sprintf("(SELECT *, unnest(%s) AS %s, generate_subscripts(%s, 1) AS %s FROM %s)", list, e, list, position, from)
		sc.elements, sc.shapes, sc.positions = append(sc.elements, e), append(sc.shapes, at), append(sc.positions, position)
	}
	return from, sc, true
}

package main

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tidwall/gjson"
)

func schemasOf(tables []mappedTable) []*arrow.Schema {
	var schemas []*arrow.Schema
	for _, t := range tables {
		schemas = append(schemas, t.schema)
	}
	return schemas
}

// row appends one row: its columns and its lineage.
func (w *getter) row(table int, way []element) {
	t, b := &w.tables[table], w.builders[table]
	for i := range t.columns {
		c := &t.columns[i]
		v, taken := c.get(way)
		appendValue(b.Field(i), c, v, taken)
	}
	version := w.now
	if updated, err := parseTime(way[0].json.Get("meta.lastUpdated").Str); err == nil {
		version = updated
	}
	n := len(t.columns)
	for i, text := range []string{"local", "1", "file"} {
		appendText(b.Field(n+i), text)
	}
	b.Field(n + 3).(*array.Int64Builder).Append(w.number)
	appendTime(b.Field(n+4), w.now)
	appendTime(b.Field(n+5), w.now)
	appendText(b.Field(n+6), "explanation_of_benefit")
	b.Field(n + 7).(*array.Uint64Builder).Append(w.hash)
	appendTime(b.Field(n+8), version)
	b.Field(n + 9).(*array.BooleanBuilder).Append(false)
}

// get gives a column's value, and the path it was taken from.
func (c *mappedColumn) get(way []element) (v gjson.Result, taken string) {
	for _, a := range c.alternatives {
		level := len(way) - 1 - a.up
		if a.root {
			level = 0
		}
		if level < 0 {
			continue
		}
		if a.pseudo != "" {
			return pseudoValue(a.pseudo, way[:level+1]), a.text
		}
		v, ok := a.get(way[0].json, way[level].json, len(c.alternatives) > 1)
		if c.sum && v.IsArray() {
			ok = len(leaves(v)) > 0 // of several arrays each may have none
		}
		if ok {
			return v, a.text
		}
	}
	return gjson.Result{}, ""
}

// get gives the value of one alternative, and whether it is the one to take. Only among
// several does it ask for the base, which is a second Get.
func (a *alternative) get(root, from gjson.Result, several bool) (gjson.Result, bool) {
	if a.via != nil {
		id, ok := strings.CutPrefix(from.Get(a.viaText).Str, "#")
		if !ok {
			return gjson.Result{}, false
		}
		from = root.Get(`contained.#(id=="` + id + `")`)
	}
	v := from.Get(a.pathText)
	if !several || v.Exists() || a.pathText == a.baseText {
		return v, present(v)
	}
	return v, present(from.Get(a.baseText))
}

func present(v gjson.Result) bool { return v.Exists() && v.Type != gjson.Null }

// pseudoValue is the position, level or path of the last element of way, whose first is
// the resource.
func pseudoValue(name string, way []element) gjson.Result {
	n := len(way) - 1
	switch name {
	case "@level":
		return gjson.Result{Type: gjson.Number, Raw: strconv.Itoa(n), Num: float64(n)}
	case "@position":
		p := way[n].position
		return gjson.Result{Type: gjson.Number, Raw: strconv.Itoa(p), Num: float64(p)}
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strconv.Itoa(way[i+1].position)
	}
	return gjson.Result{Type: gjson.String, Str: strings.Join(parts, ".")}
}

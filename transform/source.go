package transform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// source is where a column's value comes from, relative to its row.
type source struct {
	text   string // as the mapping writes it
	root   bool   // $: the resource
	up     int    // ^: how many row elements up
	pseudo string // @path, @level or @position; then there is no path
	path   string // gjson path
}

// parseSource reads a column path: gjson's, with $. for the resource and ^. for
// the enclosing row element, or one of @path, @level and @position.
func parseSource(text string) (source, error) {
	s, rest := source{text: text}, text
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
	case "@path", "@level", "@position":
		s.pseudo = rest
		return s, nil
	}
	if s.root && s.up > 0 {
		return source{}, errors.New("$ and ^ do not go together")
	}
	s.path = rest
	return s, nil
}

// frame is an element that is a row, or holds rows, within its parents.
type frame struct {
	value    gjson.Result
	parent   *frame
	path     string // positions from the resource down, such as 1.2; "" for the resource
	level    int    // 0 for the resource
	position int    // in its array, from 1
}

// find evaluates s for the row f. The result does not exist where the element
// is missing or null.
func (s source) find(f *frame) gjson.Result {
	for up := s.up; f.parent != nil && (s.root || up > 0); up-- {
		f = f.parent
	}
	switch s.pseudo {
	case "@path":
		return gjson.Result{Type: gjson.String, Str: f.path}
	case "@level":
		return gjson.Result{Type: gjson.Number, Num: float64(f.level)}
	case "@position":
		return gjson.Result{Type: gjson.Number, Num: float64(f.position)}
	}
	r := f.value.Get(s.path)
	if r.Type == gjson.Null {
		return gjson.Result{}
	}
	return r
}

// find evaluates the alternatives of c and says which was taken.
func (c *column) find(f *frame) (gjson.Result, string) {
	for _, s := range c.sources {
		if r := s.find(f); r.Exists() {
			return r, s.text
		}
	}
	return gjson.Result{}, ""
}

package coverage

import (
	"bytes"
	"maps"
	"slices"

	"github.com/claimlake/claimlake/transform"
)

// Limits of what a tally keeps, so that odd data cannot fill the memory.
const (
	maxPaths      = 10_000 // of a resource type
	maxPathLength = 250    // bytes
)

// other is the path that stands for those beyond the limits.
const other = "…"

// Tally counts leaves. It is not for concurrent use.
type Tally struct {
	tracer     *transform.Tracer
	lines      int64
	types      map[string]*counts
	unreadable map[string]int64
}

// counts is what was counted of a resource type.
type counts struct {
	lines int64
	paths map[string]*pathCounts
}

type pathCounts struct {
	Path
	last int64 // the line that it was last seen in
}

// NewTally makes a Tally of what the columns of plan take.
func NewTally(plan *transform.Plan) *Tally {
	return &Tally{tracer: plan.NewTracer(), types: map[string]*counts{}, unreadable: map[string]int64{}}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// Add counts the resource in line. A line that cannot be used is counted by its
// reason.
func (t *Tally) Add(line []byte) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, byteOrderMark))
	if len(line) == 0 {
		return
	}
	t.lines++
	var leaves []transform.Leaf
	var paths []byte
	typ, reason := t.tracer.Trace(line, func(l transform.Leaf) {
		start := len(paths)
		paths = append(paths, l.Path...)
		l.Path = paths[start:]
		leaves = append(leaves, l)
	})
	if reason != "" {
		t.unreadable[reason]++
		return
	}
	c := t.types[typ]
	if c == nil {
		c = &counts{paths: map[string]*pathCounts{}}
		t.types[typ] = c
	}
	c.lines++
	for _, l := range leaves {
		c.add(l, t.lines)
	}
}

// add counts one leaf of a line.
func (c *counts) add(l transform.Leaf, line int64) {
	path, known := l.Path, c.paths[string(l.Path)] != nil
	if !known && (len(c.paths) >= maxPaths || len(path) > maxPathLength || !elements(path)) {
		path = []byte(other)
	}
	p := c.paths[string(path)]
	if p == nil {
		p = &pathCounts{Path: Path{Path: string(path), Narrative: l.Narrative}}
		c.paths[p.Path.Path] = p
	}
	if p.last != line {
		p.last = line
		p.Lines++
	}
	p.Values++
	if l.Reached {
		p.Reached++
	}
}

// elements reports whether a path has names of elements only, with underscores before
// extensions of primitives. Other keys may be anything, and are not shown.
func elements(path []byte) bool {
	for _, c := range path {
		letter := (c|0x20) >= 'a' && (c|0x20) <= 'z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '#' && c != '_' {
			return false
		}
	}
	return true
}

// Types gives what was counted, by resource type.
func (t *Tally) Types() []Type {
	var list []Type
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		c := t.types[name]
		var paths []Path
		for _, p := range c.paths {
			paths = append(paths, p.Path)
		}
		list = append(list, NewType(name, c.lines, paths))
	}
	return list
}

// Unreadable counts the lines that could not be used, by reason.
func (t *Tally) Unreadable() map[string]int64 { return t.unreadable }

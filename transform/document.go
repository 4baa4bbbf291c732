package transform

import (
	"cmp"
	"iter"
	"slices"
)

// document is the JSON of one line as a tree, in document order: what the scan
// skips is here too. The scan itself makes no tree; this one is for asking which
// values no column takes.
type document struct {
	cursor
	values []jsonValue
}

// jsonValue is a value of a document. The first is the resource.
type jsonValue struct {
	start, end uint32 // in the page, with quotes and brackets
	key        span   // in its object
	parent     int32  // -1 for the resource
	index      int32  // among its siblings, from 0
	next       int32  // the first value after those inside
	kind       valueKind
	escaped    bool
	reached    bool // some column takes it, or a column's path selects by it
}

// isLeaf reports whether v is a string, a number or a boolean.
func (v *jsonValue) isLeaf() bool { return v.kind >= kindFalse && v.kind <= kindText }

// span is where v stands, as the scan tells it.
func (v *jsonValue) span() span {
	sp := span{start: v.start, end: v.end, kind: v.kind, escaped: v.escaped}
	if v.kind == kindText {
		sp.start, sp.end = sp.start+1, sp.end-1
	}
	return sp
}

// read makes the tree of the line in data from start on. It reports false, and
// leaves the reason in the cursor, where the line is not JSON to its last byte.
func (d *document) read(data []byte, start int) bool {
	d.values = d.values[:0]
	d.begin(data, start)
	d.space()
	return d.add(-1, 0, span{}) && d.end()
}

// add reads the value at the current position, and those inside.
func (d *document) add(parent, index int32, key span) bool {
	c, at, ok := d.next(), int32(len(d.values)), false
	v := jsonValue{start: uint32(d.pos), key: key, parent: parent, index: index}
	d.values = append(d.values, v)
	switch c {
	case '{':
		v.kind, ok = kindObject, d.members(at)
	case '[':
		v.kind, ok = kindArray, d.elements(at)
	case '"':
		var sp span
		sp, ok = d.text()
		v.kind, v.escaped = kindText, sp.escaped
	default:
		v.kind, ok = d.scalar()
	}
	v.end, v.next = uint32(d.pos), int32(len(d.values))
	d.values[at] = v
	return ok
}

func (d *document) members(at int32) bool {
	return d.each('}', func(i int32) bool {
		if d.next() != '"' {
			return d.fail(ReasonNotJSON)
		}
		key, ok := d.text()
		return ok && d.colon() && d.add(at, i, key)
	})
}

func (d *document) elements(at int32) bool {
	return d.each(']', func(i int32) bool { return d.add(at, i, span{}) })
}

// each enters a container and calls read for each of its values.
func (d *document) each(closing byte, read func(i int32) bool) bool {
	if !d.open() {
		return false
	}
	if d.next() == closing {
		return d.close()
	}
	for i := int32(0); read(i); i++ {
		switch d.next() {
		case closing:
			return d.close()
		case ',':
			d.pos++
		default:
			return d.fail(ReasonNotJSON)
		}
	}
	return false
}

// inside gives the values directly in the one at.
func (d *document) inside(at int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i := at + 1; i < d.values[at].next; i = d.values[i].next {
			if !yield(i) {
				return
			}
		}
	}
}

// at finds the value that a span of the scan stands for.
func (d *document) at(sp span) (int32, bool) {
	start := sp.start
	if sp.kind == kindText {
		start-- // its quote
	}
	i, ok := slices.BinarySearchFunc(d.values, start, func(v jsonValue, start uint32) int { return cmp.Compare(v.start, start) })
	return int32(i), ok
}

// key is the decoded key of a value in an object, good until the next call.
func (d *document) key(at int32) []byte { return d.decoded(d.values[at].key) }

// valueText is the text that filters compare, good until the next call.
func (d *document) valueText(at int32) []byte {
	v := &d.values[at]
	if v.kind != kindText {
		return d.data[v.start:v.end]
	}
	return d.decoded(v.span())
}

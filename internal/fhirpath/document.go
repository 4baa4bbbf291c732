package fhirpath

import (
	"bytes"
	"errors"

	"github.com/tidwall/gjson"
)

// ErrNotResource reports a line that is not one JSON object.
var ErrNotResource = errors.New("not a JSON object")

// Document is the JSON of one resource, read once: a tape of the elements that a
// Projection wants. It is used again for the next resource; Values of the one before
// are then invalid.
type Document struct {
	data  []byte
	nodes []node
	pos   int
}

// node is an element on the tape. Its children, the elements of an object or the items
// of an array, follow it.
type node struct {
	key   []byte // nil in an array
	raw   []byte // the JSON text
	next  int32  // the next sibling; 0 for the last
	first int32  // the first child; 0 for none
	kind  byte   // { [ " 0 t f n
}

// Read reads a resource. It checks that the whole line is JSON. The Document keeps
// line.
func (d *Document) Read(line []byte, want *Projection) (Value, error) {
	d.data, d.nodes, d.pos = line, d.nodes[:0], 0
	if !gjson.ValidBytes(line) {
		return Value{}, ErrNotResource
	}
	d.space()
	if d.data[d.pos] != '{' {
		return Value{}, ErrNotResource
	}
	return Value{kind: kindElement, doc: d, at: d.value(nil, want)}, nil
}

func (d *Document) space() {
	for d.data[d.pos] <= ' ' {
		d.pos++
	}
}

// value reads the value at the position. The line is known to be JSON.
func (d *Document) value(key []byte, want *Projection) int32 {
	at := int32(len(d.nodes))
	start := d.pos
	kind := d.data[start]
	d.nodes = append(d.nodes, node{key: key, kind: kind})
	switch kind {
	case '{', '[':
		d.children(at, kind == '{', want)
	default:
		d.skip()
		if kind == '-' || '0' <= kind && kind <= '9' {
			d.nodes[at].kind = '0'
		}
	}
	d.nodes[at].raw = d.data[start:d.pos]
	return at
}

// children reads the wanted elements of an object or all items of an array.
func (d *Document) children(parent int32, object bool, want *Projection) {
	last := int32(0)
	for d.pos++; ; {
		d.space()
		switch d.data[d.pos] {
		case ',':
			d.pos++
			continue
		case '}', ']':
			d.pos++
			return
		}
		below, key := want, []byte(nil)
		if object {
			key = d.key()
			if below = want.key(key); below == nil || d.has(parent, key) {
				d.skip()
				continue
			}
		}
		child := d.value(key, below)
		if last == 0 {
			d.nodes[parent].first = child
		} else {
			d.nodes[last].next = child
		}
		last = child
	}
}

// has reports whether an object has a key already: of a repeated key the first counts.
func (d *Document) has(parent int32, key []byte) bool {
	for c := d.nodes[parent].first; c != 0; c = d.nodes[c].next {
		if bytes.Equal(d.nodes[c].key, key) {
			return true
		}
	}
	return false
}

// key reads a key and moves to its value.
func (d *Document) key() []byte {
	start := d.pos
	d.skip()
	key := d.data[start+1 : d.pos-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(unquote(d.data[start:d.pos]))
	}
	d.space()
	d.pos++ // the colon
	d.space()
	return key
}

// skip moves past the value at the position.
func (d *Document) skip() {
	depth := 0
	for {
		switch c := d.data[d.pos]; c {
		case '"':
			d.skipString()
		case '{', '[':
			depth++
			d.pos++
			continue
		case '}', ']':
			depth--
			d.pos++
		case ',', ':', ' ', '\t', '\r', '\n':
			d.pos++
			continue
		default:
			d.skipScalar()
		}
		if depth == 0 {
			return
		}
	}
}

func (d *Document) skipString() {
	for d.pos++; ; d.pos++ {
		d.pos += bytes.IndexByte(d.data[d.pos:], '"')
		escapes := 0
		for d.data[d.pos-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			d.pos++
			return
		}
	}
}

func (d *Document) skipScalar() {
	for d.pos < len(d.data) && !delimiter(d.data[d.pos]) {
		d.pos++
	}
}

func delimiter(c byte) bool { return c <= ' ' || c == ',' || c == '}' || c == ']' }

// unquote is the text of a JSON string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	return gjson.ParseBytes(raw).String()
}

// appendString appends s as a JSON string.
func appendString(out []byte, s string) []byte { return gjson.AppendJSONString(out, s) }

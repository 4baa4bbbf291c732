package transform

import "unsafe"

// valueKind is the JSON type of a value.
type valueKind uint8

const (
	kindNone valueKind = iota // not there
	kindNull
	kindFalse
	kindTrue
	kindNumber
	kindText
	kindObject
	kindArray
	kindCount // a number that the scan made: it is start, not a place
	kindMark  // a yes of the plan's own
	kindList  // collected from the elements of an array: start and end are places in the items
)

// span is where a value stands in the page (or in the chunk's side buffer):
// between its quotes if it is a string, with its brackets if it has some.
type span struct {
	start, end uint32
	kind       valueKind
	escaped    bool // a string with escapes
	side       bool // in the side buffer
	repeated   bool // its key came again
}

// present reports whether the value is there and not null.
func (sp span) present() bool { return sp.kind > kindNull }

// view is b as a string that shares its memory: good as long as b is.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

package fhirpath

import (
	"errors"
	"fmt"
	"strings"
)

// truth is a collection as an operand of logic (FHIRPath, "Singleton Evaluation of
// Collections"); some is false for an empty one.
func truth(on []Value) (b, some bool, err error) {
	switch len(on) {
	case 0:
		return false, false, nil
	case 1:
		if b, ok := on[0].Bool(); ok {
			return b, true, nil
		}
		return true, true, nil
	}
	return false, false, errors.New("a boolean is wanted where there are several items")
}

// logic is three-valued (FHIRPath, "Boolean logic").
func logic(op string, left, right []Value) ([]Value, error) {
	l, lSome, err := truth(left)
	if err != nil {
		return nil, err
	}
	r, rSome, err := truth(right)
	if err != nil {
		return nil, err
	}
	decides := op == "or" // the value that decides alone
	switch {
	case lSome && l == decides || rSome && r == decides:
		return []Value{boolean(decides)}, nil
	case lSome && rSome:
		return []Value{boolean(!decides)}, nil
	}
	return nil, nil
}

// equality is = or != (FHIRPath, "Equality").
func equality(op string, left, right []Value) ([]Value, error) {
	if len(left) == 0 || len(right) == 0 {
		return nil, nil
	}
	equal, known := len(left) == len(right), true
	for i := 0; equal && known && i < len(left); i++ {
		equal, known = same(left[i], right[i])
	}
	if !known {
		return nil, nil
	}
	return []Value{boolean(equal == (op == "="))}, nil
}

// same compares two items; known is false where their precision does not tell.
func same(a, b Value) (equal, known bool) {
	a, b = alike(a.primitive(), b.primitive())
	if a.kind != b.kind {
		return false, true
	}
	switch a.kind {
	case kindNumber:
		return a.num.Equal(b.num), true
	case kindBoolean:
		return a.bool == b.bool, true
	case kindTemporal:
		order, known := a.time.compare(b.time)
		return known && order == 0, known
	case kindElement:
		return sameElement(a, b), true
	default:
		return a.text == b.text, true
	}
}

// alike reads a string that meets a date or time as one.
func alike(a, b Value) (Value, Value) {
	if a.kind == kindTemporal && b.kind == kindString {
		b, a = alike(b, a)
		return a, b
	}
	if a.kind == kindString && b.kind == kindTemporal {
		if t, ok := parseTemporal(a.text, b.typ); ok {
			a.kind, a.time = kindTemporal, t
		}
	}
	return a, b
}

// sameElement compares objects by their elements, in any order.
func sameElement(a, b Value) bool {
	n := 0
	for i := a.node().first; i != 0; i = a.doc.nodes[i].next {
		n++
		key := string(a.doc.nodes[i].key)
		other, ok := b.child(key)
		if !ok || !sameItems(Value{kind: kindElement, doc: a.doc, at: i}.items(nil), other.items(nil)) {
			return false
		}
	}
	for i := b.node().first; i != 0; i = b.doc.nodes[i].next {
		n--
	}
	return n == 0
}

func sameItems(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if equal, known := same(a[i], b[i]); !equal || !known {
			return false
		}
	}
	return true
}

// inequality is <, <=, > or >= (FHIRPath, "Comparison").
func inequality(op string, left, right []Value) ([]Value, error) {
	if len(left) == 0 || len(right) == 0 {
		return nil, nil
	}
	if len(left) > 1 || len(right) > 1 {
		return nil, fmt.Errorf("%s wants one item on each side", op)
	}
	a, b := alike(left[0].primitive(), right[0].primitive())
	var order int
	known := true
	switch {
	case a.kind == kindNumber && b.kind == kindNumber:
		order = a.num.Cmp(b.num)
	case a.kind == kindString && b.kind == kindString:
		order = strings.Compare(a.text, b.text)
	case a.kind == kindTemporal && b.kind == kindTemporal:
		order, known = a.time.compare(b.time)
	default:
		return nil, fmt.Errorf("%s cannot compare a %s with a %s", op, a.Kind(), b.Kind())
	}
	if !known {
		return nil, nil
	}
	holds := map[string]bool{"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]
	return []Value{boolean(holds)}, nil
}

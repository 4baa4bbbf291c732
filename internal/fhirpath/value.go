package fhirpath

import (
	"strconv"

	"github.com/shopspring/decimal"
)

type kind uint8

const (
	kindNone kind = iota
	kindElement
	kindString
	kindBoolean
	kindNumber
	kindTemporal
)

// Value is one item of a collection: an element of a document, or a value that an
// expression made.
type Value struct {
	kind kind
	typ  string // FHIR type as far as it is known; "" otherwise
	doc  *Document
	at   int32
	text string // of strings, numbers and temporals, as written
	num  decimal.Decimal
	bool bool
	time temporal
}

func text(s, typ string) Value { return Value{kind: kindString, typ: typ, text: s} }
func boolean(b bool) Value     { return Value{kind: kindBoolean, typ: "boolean", bool: b} }
func integer(s string) Value   { return numberLiteral(s) }
func integerOf(n int) Value    { return numberLiteral(strconv.Itoa(n)) }
func number(d decimal.Decimal) Value {
	return Value{kind: kindNumber, typ: "decimal", num: d, text: d.String()}
}

// maxDigits bounds a number's digits and exponent: sums of 1 and 1e1000000000 have a
// billion digits. FHIR's decimals have 18.
const maxDigits = 1000

// numberLiteral is the value of a number. One that is out of bounds is a string, with
// which nothing can be computed.
func numberLiteral(s string) Value {
	d, err := decimal.NewFromString(s)
	if err != nil || len(s) > maxDigits || d.Exponent() > maxDigits || d.Exponent() < -maxDigits {
		return text(s, "")
	}
	typ := "integer"
	if d.Exponent() != 0 {
		typ = "decimal"
	}
	return Value{kind: kindNumber, typ: typ, num: d, text: s}
}

// Constant is the value of a constant (ViewDefinition.constant), whose JSON is raw, of
// a FHIR type. ok is false if raw is not a value of the type.
func Constant(typ string, raw []byte) (v Value, ok bool) {
	d := &Document{data: raw, nodes: []node{{raw: raw, kind: raw[0]}}}
	if c := raw[0]; c == '-' || '0' <= c && c <= '9' {
		d.nodes[0].kind = '0'
	}
	v = Value{kind: kindElement, doc: d, typ: typ}.primitive()
	switch typ {
	case "boolean":
		return v, v.kind == kindBoolean
	case "decimal", "integer", "integer64", "positiveInt", "unsignedInt":
		if v.kind == kindString && typ == "integer64" { // R5 writes it as a string
			v = numberLiteral(v.text)
		}
		return v, v.kind == kindNumber
	case "date", "dateTime", "instant", "time":
		return v, v.kind == kindTemporal
	}
	return v, v.kind == kindString
}

func (v Value) node() *node { return &v.doc.nodes[v.at] }

// child is an element of an object.
func (v Value) child(key string) (c Value, ok bool) {
	if v.kind != kindElement || v.node().kind != '{' {
		return Value{}, false
	}
	for i := v.node().first; i != 0; i = v.doc.nodes[i].next {
		if string(v.doc.nodes[i].key) == key {
			return Value{kind: kindElement, doc: v.doc, at: i}, true
		}
	}
	return Value{}, false
}

// ResourceType is the type of a resource; "" for other values.
func (v Value) ResourceType() string {
	c, ok := v.child("resourceType")
	if !ok {
		return ""
	}
	return c.primitive().text
}

// member appends the elements with a name to out, those of a choice element too.
func (v Value) member(name string, out []Value) []Value {
	if v.kind != kindElement || v.node().kind != '{' {
		return out
	}
	for i := v.node().first; i != 0; i = v.doc.nodes[i].next {
		if typ, ok := choice(name, string(v.doc.nodes[i].key)); ok {
			out = Value{kind: kindElement, doc: v.doc, at: i, typ: typ}.items(out)
		}
	}
	return out
}

// items appends v, or the items of its array. A null is no item.
func (v Value) items(out []Value) []Value {
	switch v.node().kind {
	case 'n':
		return out
	case '[':
		for i := v.node().first; i != 0; i = v.doc.nodes[i].next {
			out = Value{kind: kindElement, doc: v.doc, at: i, typ: v.typ}.items(out)
		}
		return out
	}
	return append(out, v)
}

// primitive is an element that is a primitive as a string, number, boolean or, where
// its type is known to be one, date or time.
func (v Value) primitive() Value {
	if v.kind != kindElement {
		return v
	}
	n := v.node()
	switch n.kind {
	case '"':
		s := unquote(n.raw)
		if t, ok := parseTemporal(s, v.typ); ok {
			return Value{kind: kindTemporal, typ: v.typ, text: s, time: t}
		}
		return text(s, v.typ)
	case '0':
		p := numberLiteral(string(n.raw))
		if v.typ != "" {
			p.typ = v.typ
		}
		return p
	case 't', 'f':
		return boolean(n.kind == 't')
	}
	return v
}

// int is v as an index.
func (v Value) int() (int, bool) {
	p := v.primitive()
	if p.kind != kindNumber || !p.num.IsInteger() || !p.num.BigInt().IsInt64() {
		return 0, false
	}
	return int(p.num.IntPart()), true
}

// Bool is v as a boolean; ok is false if it is none.
func (v Value) Bool() (b, ok bool) {
	p := v.primitive()
	return p.bool, p.kind == kindBoolean
}

// AppendJSON appends v as JSON. Elements and numbers keep their text.
func (v Value) AppendJSON(out []byte) []byte {
	switch v.kind {
	case kindNone:
		return append(out, "null"...)
	case kindElement:
		return append(out, v.node().raw...)
	case kindBoolean:
		return strconv.AppendBool(out, v.bool)
	case kindNumber:
		return append(out, v.text...)
	default:
		return appendString(out, v.text)
	}
}

// Text is v as it is written in CSV: a string without quotes, everything else as JSON.
func (v Value) Text() string {
	switch p := v.primitive(); p.kind {
	case kindString, kindTemporal, kindNumber:
		return p.text
	default:
		return string(p.AppendJSON(nil))
	}
}

// Kind is what v is in JSON: string, number, boolean, or object.
func (v Value) Kind() string {
	switch v.primitive().kind {
	case kindString, kindTemporal:
		return "string"
	case kindNumber:
		return "number"
	case kindBoolean:
		return "boolean"
	default:
		return "object"
	}
}

package fhirpath

import (
	"errors"
	"fmt"
	"strings"
)

// function is a function that a view may use.
type function struct {
	least, most int
	wantsType   bool // its argument names a type
	eval        func(c call, on []Value, e *env) ([]Value, error)
	want        func(c call, on []*Projection) []*Projection
}

// functions are those of SQL on FHIR, "Required FHIRPath Functions" and "Optional".
var functions map[string]function

func init() {
	functions = map[string]function{
		"where":           {1, 1, false, where, wantWhere},
		"exists":          {0, 1, false, exists, wantExists},
		"empty":           {0, 0, false, func(_ call, on []Value, _ *env) ([]Value, error) { return []Value{boolean(len(on) == 0)}, nil }, wantNothing},
		"not":             {0, 0, false, not, wantNothing},
		"first":           {0, 0, false, func(_ call, on []Value, _ *env) ([]Value, error) { return on[:min(1, len(on))], nil }, wantSame},
		"ofType":          {1, 1, true, ofType, wantType},
		"extension":       {1, 1, false, extension, wantExtension},
		"join":            {0, 1, false, join, wantNothing},
		"getResourceKey":  {0, 0, false, resourceKey, wantResourceKey},
		"getReferenceKey": {0, 1, true, referenceKey, wantReferenceKey},
		"lowBoundary":     {0, 0, false, lowBoundary, wantNothing},
		"highBoundary":    {0, 0, false, highBoundary, wantNothing},
	}
}

func (c call) eval(e *env) ([]Value, error) {
	on, err := c.on.eval(e)
	if err != nil {
		return nil, err
	}
	out, err := c.function.eval(c, on, e)
	if err != nil {
		return nil, fmt.Errorf("%s(): %w", c.name, err)
	}
	return out, nil
}

func (c call) want(p *Projection) []*Projection { return c.function.want(c, c.on.want(p)) }

func wantNothing(call, []*Projection) []*Projection { return nil }

func wantSame(_ call, on []*Projection) []*Projection { return on }

func wantWhere(c call, on []*Projection) []*Projection {
	for _, p := range on {
		c.args[0].want(p)
	}
	return on
}

func wantExists(c call, on []*Projection) []*Projection {
	if len(c.args) == 1 {
		wantWhere(c, on)
	}
	return nil
}

func wantType(_ call, on []*Projection) []*Projection {
	for _, p := range on {
		p.Child("resourceType")
	}
	return on
}

func wantExtension(_ call, on []*Projection) []*Projection {
	var out []*Projection
	for _, p := range on {
		x := p.Child("extension")
		x.Child("url")
		out = append(out, x)
	}
	return out
}

func wantResourceKey(_ call, on []*Projection) []*Projection {
	for _, p := range on {
		p.Child("id")
	}
	return nil
}

func wantReferenceKey(_ call, on []*Projection) []*Projection {
	for _, p := range on {
		p.Child("reference")
	}
	return nil
}

var errCriteria = errors.New("the criteria is not a boolean")

// where keeps the items for which the criteria is true. One that is neither a boolean
// nor empty is an error: FHIRPath would take it for true.
func where(c call, on []Value, e *env) ([]Value, error) {
	var out []Value
	for _, v := range on {
		result, err := c.args[0].eval(e.on(v))
		if err != nil {
			return nil, err
		}
		holds, err := Criteria(result)
		if err != nil {
			return nil, err
		}
		if holds {
			out = append(out, v)
		}
	}
	return out, nil
}

// Criteria is the truth of a criteria's result: empty is false.
func Criteria(result []Value) (bool, error) {
	if len(result) == 0 {
		return false, nil
	}
	b, ok := result[0].Bool()
	if len(result) > 1 || !ok {
		return false, errCriteria
	}
	return b, nil
}

func exists(c call, on []Value, e *env) ([]Value, error) {
	var err error
	if len(c.args) == 1 {
		on, err = where(c, on, e)
	}
	return []Value{boolean(len(on) > 0)}, err
}

func not(_ call, on []Value, _ *env) ([]Value, error) {
	b, some, err := truth(on)
	if err != nil || !some {
		return nil, err
	}
	return []Value{boolean(!b)}, nil
}

// ofType keeps the items of a type. An item whose type is not known is of each type
// that its JSON can be.
func ofType(c call, on []Value, _ *env) ([]Value, error) {
	var out []Value
	for _, v := range on {
		if v.isOf(c.typ) {
			v.typ = c.typ
			out = append(out, v)
		}
	}
	return out, nil
}

func (v Value) isOf(typ string) bool {
	if v.typ != "" {
		return v.typ == typ
	}
	if r := v.ResourceType(); r != "" {
		return r == typ
	}
	switch kind := v.Kind(); typ {
	case "boolean":
		return kind == "boolean"
	case "decimal", "integer", "positiveInt", "unsignedInt":
		return kind == "number"
	case "integer64":
		return kind == "number" || kind == "string"
	default:
		return (kind == "string") == ('a' <= typ[0] && typ[0] <= 'z')
	}
}

// extension is the extensions with a url.
func extension(c call, on []Value, e *env) ([]Value, error) {
	url, err := c.args[0].eval(e)
	if err != nil || len(url) != 1 {
		return nil, errors.Join(err, errors.New("wants one url"))
	}
	var all, out []Value
	for _, v := range on {
		all = v.member("extension", all)
	}
	for _, x := range all {
		if u, ok := x.child("url"); ok && u.Text() == url[0].Text() {
			out = append(out, x)
		}
	}
	return out, nil
}

func join(c call, on []Value, e *env) ([]Value, error) {
	separator := ""
	if len(c.args) == 1 {
		s, err := c.args[0].eval(e)
		if err != nil || len(s) != 1 {
			return nil, errors.Join(err, errors.New("wants one separator"))
		}
		separator = s[0].Text()
	}
	if len(on) == 0 {
		return nil, nil
	}
	var parts []string
	for _, v := range on {
		if v.Kind() != "string" {
			return nil, errors.New("an item is not a string")
		}
		parts = append(parts, v.Text())
	}
	return []Value{text(strings.Join(parts, separator), "string")}, nil
}

// resourceKey is the key of a resource: its id.
func resourceKey(_ call, on []Value, _ *env) ([]Value, error) {
	var out []Value
	for _, v := range on {
		if id, ok := v.child("id"); ok {
			out = append(out, text(id.Text(), "string"))
		}
	}
	return out, nil
}

// referenceKey is the key of the resource that a relative or absolute reference names,
// [base/]Type/id[/_history/version]. References of another form have none.
func referenceKey(c call, on []Value, _ *env) ([]Value, error) {
	var out []Value
	for _, v := range on {
		ref, ok := v.child("reference")
		if !ok {
			continue
		}
		if typ, id := reference(ref.Text()); id != "" && (c.typ == "" || c.typ == typ) {
			out = append(out, text(id, "string"))
		}
	}
	return out, nil
}

func reference(ref string) (typ, id string) {
	ref, _, _ = strings.Cut(ref, "/_history/")
	parts := strings.Split(strings.TrimSuffix(ref, "/"), "/")
	if n := len(parts); n >= 2 && parts[n-2] != "" && 'A' <= parts[n-2][0] && parts[n-2][0] <= 'Z' {
		return parts[n-2], parts[n-1]
	}
	return "", ""
}

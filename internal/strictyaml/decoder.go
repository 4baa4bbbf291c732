package strictyaml

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// decoder decodes key by key, so that a mistake in one does not hide the next.
type decoder struct {
	path     string
	problems []error
}

func (d *decoder) bad(n ast.Node, format string, args ...any) {
	at := n.GetToken().Position
	d.problems = append(d.problems, fmt.Errorf("%s:%d:%d: %s", d.path, at.Line, at.Column, fmt.Sprintf(format, args...)))
}

// value decodes n into v, a pointer. What has a way of its own to read YAML is left to
// that.
func (d *decoder) value(n ast.Node, v any) {
	target := reflect.ValueOf(v).Elem()
	_, own := v.(yaml.InterfaceUnmarshaler)
	_, bytes := v.(yaml.BytesUnmarshaler)
	switch {
	case n.Type() == ast.NullType: // as if it were not there
	case own || bytes:
		d.leaf(n, v)
	case target.Type() == reflect.TypeFor[time.Time]():
		d.time(n, v)
	case target.Kind() == reflect.Struct:
		d.object(n, target)
	case target.Kind() == reflect.Slice && target.Type().Elem().Kind() == reflect.Struct:
		d.list(n, target)
	default:
		d.leaf(n, v)
	}
}

func (d *decoder) leaf(n ast.Node, v any) {
	if err := yaml.NodeToValue(n, v, yaml.DisallowUnknownField()); err != nil {
		d.problems = append(d.problems, describe(d.path, err))
	}
}

// times are the ways to write a time that the decoder reads. It takes other text for
// none at all.
var times = []string{time.RFC3339Nano, "2006-01-02t15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", time.DateOnly}

func (d *decoder) time(n ast.Node, v any) {
	text := n.GetToken().Value
	for _, layout := range times {
		if t, err := time.Parse(layout, text); err == nil {
			*v.(*time.Time) = t
			return
		}
	}
	d.bad(n, "want a time, such as 2026-01-31T00:00:00Z")
}

func (d *decoder) list(n ast.Node, target reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.bad(n, "want a list")
		return
	}
	list := reflect.MakeSlice(target.Type(), len(s.Values), len(s.Values))
	for i, item := range s.Values {
		d.value(item, list.Index(i).Addr().Interface())
	}
	target.Set(list)
}

func (d *decoder) object(n ast.Node, target reflect.Value) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		d.bad(n, "want keys with values, such as %s", strings.Join(names(target.Type()), ", "))
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		field, ok := fieldOf(target, key)
		switch {
		case !ok:
			d.bad(pair.Key, "unknown field %q%s", key, Nearest(key, names(target.Type())))
		case seen[key]:
			d.bad(pair.Key, "%s is given twice", key)
		default:
			d.value(pair.Value, field.Addr().Interface())
		}
		seen[key] = true
	}
}

// nameOf is a field's name in YAML; "" for one that has none.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case name == "-" || !f.IsExported():
		return ""
	case name == "":
		return strings.ToLower(f.Name)
	}
	return name
}

func fieldOf(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if nameOf(v.Type().Field(i)) == name {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func names(t reflect.Type) (list []string) {
	for i := range t.NumField() {
		if name := nameOf(t.Field(i)); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// Nearest is a hint at the one of known that a word was meant for, such as ": did you
// mean Patient?"; "" where none is near.
func Nearest(word string, known []string) string {
	best, most := "", 1+len(word)/3
	for _, k := range known {
		if n := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); n <= most {
			best, most = k, n-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", best)
}

package sof

import (
	"fmt"

	"github.com/claimlake/claimlake/internal/fhirpath"
)

// text is a string element; "" if there is none.
func (p *parser) text(o object, key string) string {
	raw, ok := o.fields[key]
	if !ok {
		return ""
	}
	s, ok := raw.(string)
	if !ok {
		p.mistake(o.at(key), "want a string")
	}
	return s
}

// objects are the elements of a list of objects.
func (p *parser) objects(o object, key string) []object {
	raw, ok := o.fields[key]
	if !ok {
		return nil
	}
	list, ok := raw.([]any)
	if !ok {
		p.mistake(o.at(key), "want a list")
		return nil
	}
	var objects []object
	for i, e := range list {
		path := fmt.Sprintf("%s[%d]", o.at(key), i)
		fields, ok := e.(map[string]any)
		if !ok {
			p.mistake(path, "want an object")
			continue
		}
		objects = append(objects, object{path: path, fields: fields})
	}
	return objects
}

// expression is a FHIRPath expression; nil after a mistake.
func (p *parser) expression(o object, key string) *fhirpath.Expr {
	raw, ok := o.fields[key]
	if !ok {
		p.mistake(o.at(key), "missing: want a FHIRPath expression")
		return nil
	}
	return p.parsed(o.at(key), raw)
}

// expressions is a list of FHIRPath expressions.
func (p *parser) expressions(o object, key string) []*fhirpath.Expr {
	list, ok := o.fields[key].([]any)
	if !ok || len(list) == 0 {
		p.mistake(o.at(key), "want a list of FHIRPath expressions")
		return nil
	}
	var out []*fhirpath.Expr
	for i, raw := range list {
		if e := p.parsed(fmt.Sprintf("%s[%d]", o.at(key), i), raw); e != nil {
			out = append(out, e)
		}
	}
	return out
}

func (p *parser) parsed(path string, raw any) *fhirpath.Expr {
	s, ok := raw.(string)
	if !ok {
		p.mistake(path, "want a FHIRPath expression")
		return nil
	}
	e, err := fhirpath.Parse(s, p.constants)
	if err != nil {
		p.mistake(path, "%v", err)
		return nil
	}
	return e
}

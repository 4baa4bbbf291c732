package sof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/fhirpath"
)

// Mistake is something wrong in a ViewDefinition.
type Mistake struct {
	Path   string // of the element, such as select[0].column[2].path; "" for the view
	Reason string
}

// Error implements error.
func (m *Mistake) Error() string {
	if m.Path == "" {
		return m.Reason
	}
	return m.Path + ": " + m.Reason
}

// Parse reads and checks a ViewDefinition. The error joins a *Mistake for each that it
// finds.
func Parse(data []byte) (*View, error) {
	definition, err := decode(data)
	if err != nil {
		return nil, &Mistake{Reason: "not a JSON object: " + err.Error()}
	}
	p := &parser{view: &View{}, constants: map[string]fhirpath.Value{}}
	p.definition(object{fields: definition})
	if len(p.mistakes) > 0 {
		return nil, errors.Join(p.mistakes...)
	}
	return p.view, nil
}

func decode(data []byte) (definition map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&definition); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return definition, nil
}

type parser struct {
	view      *View
	constants map[string]fhirpath.Value
	mistakes  []error
}

func (p *parser) mistake(path, format string, args ...any) {
	p.mistakes = append(p.mistakes, &Mistake{Path: path, Reason: fmt.Sprintf(format, args...)})
}

// object is an object of the definition and its path.
type object struct {
	path   string
	fields map[string]any
}

func (o object) at(key string) string { return strings.TrimPrefix(o.path+"."+key, ".") }

// Canonical names by which a ViewDefinition says what it is.
var resourceTypes = []string{"ViewDefinition", "http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition"}

var (
	typeForm = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

func (p *parser) definition(o object) {
	if t := p.text(o, "resourceType"); t != "" && !slices.Contains(resourceTypes, t) {
		p.mistake("resourceType", "%q is not ViewDefinition", t)
	}
	p.view.Name = p.text(o, "name")
	switch p.view.Resource = p.text(o, "resource"); {
	case p.view.Resource == "":
		p.mistake("resource", "missing: name the resource type of the view")
	case !typeForm.MatchString(p.view.Resource):
		p.mistake("resource", "%q is not a resource type", p.view.Resource)
	}
	for _, c := range p.objects(o, "constant") {
		p.constant(c)
	}
	for _, w := range p.objects(o, "where") {
		p.known(w, "path", "description")
		if e := p.expression(w, "path"); e != nil {
			p.view.where = append(p.view.where, e)
		}
	}
	if selects := p.objects(o, "select"); len(selects) > 0 {
		p.view.root = &selection{}
		for _, s := range selects {
			p.view.root.selects = append(p.view.root.selects, p.selection(s))
		}
		p.view.root.width = span{0, len(p.view.Columns)}
	} else {
		p.mistake("select", "missing: a view has at least one select")
	}
	p.unique()
}

func (p *parser) unique() {
	seen := map[string]bool{}
	for _, c := range p.view.Columns {
		if seen[c.Name] {
			p.mistake("select", "two columns are named %s", c.Name)
		}
		seen[c.Name] = true
	}
}

// known reports fields that an object of the definition does not have: a misspelled
// one would silently give other rows.
func (p *parser) known(o object, names ...string) {
	names = append(names, "id", "extension")
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(names, strings.TrimPrefix(key, "_")) {
			p.mistake(o.at(key), "unknown element")
		}
	}
}

func (p *parser) constant(o object) {
	name := p.text(o, "name")
	if !nameForm.MatchString(name) {
		p.mistake(o.at("name"), "%q is not a name: letters, digits and _", name)
		return
	}
	for key, raw := range o.fields {
		typ, ok := strings.CutPrefix(key, "value")
		if !ok || typ == "" {
			continue
		}
		text, err := json.Marshal(raw)
		if err != nil {
			continue
		}
		v, ok := fhirpath.Constant(strings.ToLower(typ[:1])+typ[1:], text)
		if !ok {
			p.mistake(o.at(key), "the value is not a %s", typ)
		}
		p.constants[name] = v
	}
	if _, ok := p.constants[name]; !ok {
		p.mistake(o.path, "the constant %s has no value[x]", name)
	}
}

// selection reads a select. Its columns come first, then those of its selects, then
// those of unionAll (SQL on FHIR, "Column Ordering").
func (p *parser) selection(o object) *selection {
	p.known(o, "column", "select", "forEach", "forEachOrNull", "repeat", "unionAll")
	s := &selection{width: span{from: len(p.view.Columns)}}
	p.iteration(o, s)
	for _, c := range p.objects(o, "column") {
		p.column(c, s)
	}
	for _, c := range p.objects(o, "select") {
		s.selects = append(s.selects, p.selection(c))
	}
	p.union(o, s)
	s.width.to = len(p.view.Columns)
	return s
}

func (p *parser) iteration(o object, s *selection) {
	n := 0
	for _, key := range []string{"forEach", "forEachOrNull", "repeat"} {
		if _, ok := o.fields[key]; !ok {
			continue
		}
		if n++; n > 1 {
			p.mistake(o.at(key), "a select has only one of forEach, forEachOrNull and repeat")
		}
		if key == "repeat" {
			s.repeat = p.expressions(o, key)
		} else {
			s.forEach, s.orNull = p.expression(o, key), key == "forEachOrNull"
		}
	}
}

func (p *parser) column(o object, s *selection) {
	p.known(o, "path", "name", "description", "collection", "type", "tag")
	c := Column{Name: p.text(o, "name"), Type: p.text(o, "type"), Description: p.text(o, "description")}
	if !nameForm.MatchString(c.Name) {
		p.mistake(o.at("name"), "%q is not a name: letters, digits and _", c.Name)
	}
	if raw, ok := o.fields["collection"]; ok {
		if c.Collection, ok = raw.(bool); !ok {
			p.mistake(o.at("collection"), "want true or false")
		}
	}
	if i := strings.LastIndexByte(c.Type, '/'); i >= 0 { // a canonical
		c.Type = c.Type[i+1:]
	}
	if path := p.expression(o, "path"); path != nil {
		s.columns = append(s.columns, source{column: len(p.view.Columns), path: path})
	}
	p.view.Columns = append(p.view.Columns, c)
}

// union reads unionAll, whose branches have the same columns.
func (p *parser) union(o object, s *selection) {
	from := len(p.view.Columns)
	var first []Column
	for i, b := range p.objects(o, "unionAll") {
		branch := p.selection(b)
		s.union = append(s.union, branch)
		columns := slices.Clone(p.view.Columns[branch.width.from:])
		if i == 0 {
			first = columns
			continue
		}
		if !slices.EqualFunc(first, columns, Column.same) {
			p.mistake(b.path, "its columns are not those of %s[0], in the same order", o.at("unionAll"))
		}
		p.view.Columns = p.view.Columns[:from+len(first)]
		branch.move(from - branch.width.from)
	}
}

// same reports whether two branches of a union can share a column.
func (c Column) same(d Column) bool {
	return c.Name == d.Name && c.Collection == d.Collection && (c.Type == "" || d.Type == "" || c.Type == d.Type)
}

// move moves the columns of s and below by n places.
func (s *selection) move(n int) {
	if n == 0 {
		return
	}
	s.width.from, s.width.to = s.width.from+n, s.width.to+n
	for i := range s.columns {
		s.columns[i].column += n
	}
	for _, below := range append(s.selects[:len(s.selects):len(s.selects)], s.union...) {
		below.move(n)
	}
}

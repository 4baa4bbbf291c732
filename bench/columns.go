package main

import "strings"

// mappedColumn is one column.
type mappedColumn struct {
	name, kind    string // kind is the mapping's type, such as code or decimal(18,4)
	alternatives  []alternative
	precision     bool   // the precision of the date instead of the date
	choice        bool   // the path that was taken instead of its value
	sum           bool   // the sum of all at the path
	join, without string // see the mapping
}

// alternative is one path of a column: the first whose base is present is taken.
type alternative struct {
	text   string
	root   bool // $: from the resource
	up     int  // ^: from so many row elements up
	pseudo string
	via    []step // the reference to the contained resource that base and path start at
	base   []step
	path   []step

	viaText, baseText, pathText string // the same for gjson
}

// composites are the columns that a FHIR data type stands for: suffix, path below
// it, kind. A second path, after a bar, is for what the first does not have.
var composites = map[string][][3]string{
	"CodeableConcept": {{"_code", ".coding.0.code", "code"}, {"_system", ".coding.0.system", "code"}, {"_display", ".coding.0.display", "string"}, {"_text", ".text", "string"}},
	"Coding":          {{"_code", ".code", "code"}, {"_system", ".system", "code"}, {"_display", ".display", "string"}},
	"Money":           {{"", ".value", "rounded(18,4)"}, {"_currency", ".currency|.code", "code"}},
	"Quantity":        {{"_value", ".value", "decimal(18,4)"}, {"_unit", ".unit", "code"}, {"_code", ".code", "code"}, {"_system", ".system", "code"}},
	"Reference":       {{"_id", ".reference", "reference"}, {"_reference", ".reference", "reference_raw"}, {"_type", ".reference", "reference_type"}, {"_identifier", ".identifier.value", "string"}, {"_display", ".display", "string"}},
	"Identifier":      {{"_value", ".value", "string"}, {"_system", ".system", "code"}},
	"Period":          {{"_start", ".start", "date"}, {"_end", ".end", "date"}},
}

// entry is a column as the mapping writes it.
type entry struct {
	name              string
	paths             []string
	kind, of          string
	precision, choice bool
	sum               bool
	join, without     string
}

// expand gives the column of one part, with those of its precision and choice.
func (e entry) expand(part [3]string) ([]mappedColumn, error) {
	c := mappedColumn{name: e.name + part[0], kind: part[2], sum: e.sum, join: e.join, without: e.without}
	list := strings.HasPrefix(c.kind, "list(") || e.join != ""
	for _, text := range e.paths {
		first, second, two := strings.Cut(part[1], "|")
		a, err := parseAlternative(text, first, list)
		if err != nil {
			return nil, err
		}
		if two {
			a.base, a.baseText = a.path, a.pathText
			c.alternatives = append(c.alternatives, a)
			if a, err = parseAlternative(text, second, list); err != nil {
				return nil, err
			}
		}
		c.alternatives = append(c.alternatives, a)
	}
	columns := []mappedColumn{c}
	if e.precision {
		columns = append(columns, mappedColumn{name: c.name + "_precision", kind: "code", alternatives: c.alternatives, precision: true})
	}
	if e.choice {
		columns = append(columns, mappedColumn{name: c.name + "_choice", kind: "code", alternatives: c.alternatives, choice: true})
	}
	return columns, nil
}

// parseAlternative reads a path and the way from there to a part of a composite.
func parseAlternative(text, part string, list bool) (a alternative, err error) {
	a.text = text + part
	rest, root := strings.CutPrefix(text, "$.")
	a.root = root
	for strings.HasPrefix(rest, "^") {
		a.up++
		rest = strings.TrimPrefix(rest[1:], ".")
	}
	if strings.HasPrefix(rest, "@") {
		a.pseudo = rest
		return a, nil
	}
	if reference, inside, ok := strings.Cut(rest, ".@contained."); ok {
		a.viaText = reference + ".reference"
		if a.via, err = parsePath(reference+".reference", false); err != nil {
			return a, err
		}
		rest = inside
	}
	a.baseText, a.pathText = rest, rest+part
	if a.base, err = parsePath(rest, list); err == nil {
		a.path, err = parsePath(rest+part, list)
	}
	return a, err
}

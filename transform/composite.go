package transform

import (
	"errors"
	"fmt"
	"strings"
)

// column is one column of a table, ready to be read.
type column struct {
	name        string
	description string
	kind        kind
	sources     []source // alternatives: the first that is present
	precision   bool     // the value is the precision of the date at the path
	choice      bool     // the value is the path that was taken
	join        string
	without     string // characters that are left out
	sum         bool   // the value is the sum of all at the path
}

// part is one column of a composite type. Where it has two paths, with a bar
// between them, the second is for what the first does not have.
type part struct{ suffix, path, kind, what string }

// composites says which columns a FHIR data type becomes.
var composites = map[string][]part{
	"CodeableConcept": {
		{"_code", ".coding.0.code", "code", "code of the first coding"},
		{"_system", ".coding.0.system", "code", "system of the first coding"},
		{"_display", ".coding.0.display", "string", "display of the first coding"},
		{"_text", ".text", "string", "plain text"},
	},
	"Coding": {
		{"_code", ".code", "code", "code"},
		{"_system", ".system", "code", "system"},
		{"_display", ".display", "string", "display"},
	},
	"Money": {
		{"", ".value", "rounded(18,4)", "amount"},
		{"_currency", ".currency|.code", "code", "currency, ISO 4217"}, // STU3: a Quantity with a code,
	},
	"Quantity": {
		{"_value", ".value", "decimal(18,4)", "value"},
		{"_unit", ".unit", "code", "unit as shown"},
		{"_code", ".code", "code", "coded unit"},
		{"_system", ".system", "code", "system of the coded unit"},
	},
	"Reference": {
		{"_id", ".reference", "reference", "id in the reference"},
		{"_reference", ".reference", "reference_raw", "reference as sent, where it is not Type/id"},
		{"_type", ".reference", "reference_type", "resource type in the reference"},
		{"_identifier", ".identifier.value", "string", "logical identifier"},
		{"_display", ".display", "string", "display"},
	},
	"Identifier": {
		{"_value", ".value", "string", "value"},
		{"_system", ".system", "code", "system"},
	},
}

// expand gives the columns that a column of a mapping stands for.
func (c columnSpec) expand() ([]column, error) {
	if len(c.Path) == 0 {
		return nil, errors.New("needs a path")
	}
	if c.Description == "" {
		return nil, errors.New("needs a description")
	}
	parts, composite := composites[c.Type], true
	switch {
	case c.Type == "Period":
		of := c.Of
		if of == "" {
			of = "date"
		}
		parts = []part{{"_start", ".start", of, "start"}, {"_end", ".end", of, "end"}}
	case parts == nil:
		parts, composite = []part{{"", "", c.Type, ""}}, false
	}
	var columns []column
	for _, p := range parts {
		more, err := c.part(p, composite)
		if err != nil {
			return nil, err
		}
		columns = append(columns, more...)
	}
	return columns, nil
}

// part gives the column of one part, with those of its precision and choice.
func (c columnSpec) part(p part, composite bool) ([]column, error) {
	k, err := parseKind(p.kind)
	if err != nil {
		return nil, err
	}
	col := column{name: c.Name + p.suffix, description: c.Description, kind: k, join: c.Join, without: c.Without, sum: c.Sum}
	if c.Sum && k.name != "decimal" {
		return nil, fmt.Errorf("sum goes with decimal or rounded, not %s", k)
	}
	if composite {
		col.description += ": " + p.what
	}
	if col.sources, err = c.sources(p, col.manner()); err != nil {
		return nil, err
	}
	columns := []column{col}
	text := kindOfName("code")
	if c.Precision {
		if !k.time {
			return nil, fmt.Errorf("precision goes with date, dateTime or instant, not %s", k)
		}
		columns = append(columns, column{name: col.name + "_precision", description: c.Description + ": its precision (year, month, day, minute or second)", kind: text, sources: col.sources, precision: true})
	}
	if c.Choice {
		columns = append(columns, column{name: col.name + "_choice", description: c.Description + ": the element it was taken from", kind: text, sources: col.sources, choice: true})
	}
	return columns, nil
}

// manner is how many values the column's paths may lead to.
func (c *column) manner() manner {
	switch {
	case c.sum:
		return allMatch
	case c.kind.list || c.join != "":
		return aList
	}
	return oneValue
}

// sources gives the alternatives of a part: for each path those of the part, of
// which the last is taken wherever the composite is present.
func (c columnSpec) sources(p part, m manner) ([]source, error) {
	var list []source
	for _, path := range c.Path {
		first, second, both := strings.Cut(p.path, "|")
		src, err := parseSource(path, first, m)
		if err != nil {
			return nil, err
		}
		if both {
			src.base = src.path
			list = append(list, src)
			if src, err = parseSource(path, second, m); err != nil {
				return nil, err
			}
		}
		list = append(list, src)
	}
	return list, nil
}

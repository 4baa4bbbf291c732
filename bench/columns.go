package main

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// mappedTable is a table of the mapping, with all its columns but the lineage.
type mappedTable struct {
	name    string
	rows    [][]step // paths to the elements that are rows; none in the root table
	columns []mappedColumn
	schema  *arrow.Schema // as claimlake writes it
}

// mappedColumn is one column.
type mappedColumn struct {
	name, kind    string // kind is the mapping's type, such as code or decimal(18,4)
	alternatives  []alternative
	precision     bool   // the precision of the date instead of the date
	choice        bool   // the path that was taken instead of its value
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

// readMapping gives the tables of ExplanationOfBenefit. It fails if its columns are
// not exactly those that claimlake writes.
func readMapping() ([]mappedTable, error) {
	mappings, err := schemas.Builtin()
	if err != nil {
		return nil, err
	}
	plan, err := transform.Compile(mappings)
	if err != nil {
		return nil, err
	}
	var tables []mappedTable
	for _, m := range mappings {
		if m.Resource != resourceType {
			continue
		}
		for _, spec := range m.Tables {
			t := mappedTable{name: spec.Name, schema: plan.Schema(spec.Name)}
			for _, text := range spec.Rows {
				steps, err := parsePath(text, true)
				if err != nil {
					return nil, err
				}
				if !steps[len(steps)-1].each {
					steps = append(steps, step{index: -1, each: true})
				}
				t.rows = append(t.rows, steps)
			}
			for _, c := range spec.Columns {
				parts := composites[c.Type]
				if parts == nil {
					parts = [][3]string{{"", "", c.Type}}
				}
				for _, p := range parts {
					if c.Type == "Period" && c.Of != "" {
						p[2] = c.Of
					}
					columns, err := expand(c.Name, c.Path, p, c.Precision, c.Choice, c.Join, c.Without)
					if err != nil {
						return nil, fmt.Errorf("%s.%s: %w", spec.Name, c.Name, err)
					}
					t.columns = append(t.columns, columns...)
				}
			}
			if err := t.compare(); err != nil {
				return nil, err
			}
			tables = append(tables, t)
		}
	}
	return tables, nil
}

// expand gives the column of one part, with its precision and choice beside it.
func expand(name string, paths []string, part [3]string, precision, choice bool, join, without string) ([]mappedColumn, error) {
	c := mappedColumn{name: name + part[0], kind: part[2], join: join, without: without}
	list := strings.HasPrefix(c.kind, "list(") || join != ""
	for _, text := range paths {
		first, second, two := strings.Cut(part[1], "|")
		a, err := parseAlternative(text, first, list)
		if err != nil {
			return nil, err
		}
		if two {
			a.base = a.path
			c.alternatives = append(c.alternatives, a)
			if a, err = parseAlternative(text, second, list); err != nil {
				return nil, err
			}
		}
		c.alternatives = append(c.alternatives, a)
	}
	columns := []mappedColumn{c}
	if precision {
		columns = append(columns, mappedColumn{name: c.name + "_precision", kind: "code", alternatives: c.alternatives, precision: true})
	}
	if choice {
		columns = append(columns, mappedColumn{name: c.name + "_choice", kind: "code", alternatives: c.alternatives, choice: true})
	}
	return columns, nil
}

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
		if a.via, err = parsePath(reference+".reference", false); err != nil {
			return a, err
		}
		rest = inside
	}
	if a.base, err = parsePath(rest, list); err == nil {
		a.path, err = parsePath(rest+part, list)
	}
	return a, err
}

// compare holds the columns against those of claimlake's schema.
func (t *mappedTable) compare() error {
	want := t.schema.Fields()
	want = want[:len(want)-len(lineage.Fields())]
	if len(want) != len(t.columns) {
		return fmt.Errorf("%s: claimlake has %d columns, the benchmark %d", t.name, len(want), len(t.columns))
	}
	for i, f := range want {
		var texts []string
		for _, a := range t.columns[i].alternatives {
			texts = append(texts, a.text)
		}
		if f.Name != t.columns[i].name || table.ColumnPath(f) != strings.Join(texts, " | ") {
			return fmt.Errorf("%s: claimlake has column %s (%s), the benchmark %s (%s)", t.name, f.Name, table.ColumnPath(f), t.columns[i].name, strings.Join(texts, " | "))
		}
	}
	return nil
}

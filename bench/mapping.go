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
			if err := t.addRows(spec.Rows); err != nil {
				return nil, err
			}
			for _, c := range spec.Columns {
				entry := entry{c.Name, c.Path, c.Type, c.Of, c.Precision, c.Choice, c.Sum, c.Join, c.Without}
				if err := t.add(entry); err != nil {
					return nil, fmt.Errorf("%s.%s: %w", spec.Name, c.Name, err)
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

// addRows reads row paths: at their end are arrays.
func (t *mappedTable) addRows(paths []string) error {
	for _, text := range paths {
		steps, err := parsePath(text, true)
		if err != nil {
			return err
		}
		if !steps[len(steps)-1].each {
			steps = append(steps, step{index: -1, each: true})
		}
		t.rows = append(t.rows, steps)
	}
	return nil
}

// add adds the columns that an entry of the mapping stands for.
func (t *mappedTable) add(e entry) error {
	parts := composites[e.kind]
	if parts == nil {
		parts = [][3]string{{"", "", e.kind}}
	}
	for _, p := range parts {
		if e.kind == "Period" && e.of != "" {
			p[2] = e.of
		}
		columns, err := e.expand(p)
		if err != nil {
			return err
		}
		t.columns = append(t.columns, columns...)
	}
	return nil
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

package parquet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// ErrSchema says that a table of the lake is not as its mapping wants it, and cannot be
// made so: readers could not read its parts together.
var ErrSchema = errors.New("table differs from its mapping (claimlake schema migrate --rebuild makes a new lake from the archive)")

// Compare looks whether the tables that readers see can take rows of the schemas: a
// column may be new or gone, but not of another type, and the key must be the same.
// The error is ErrSchema with every difference.
func (l *Lake) Compare(schemas []*arrow.Schema) error {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return fmt.Errorf("compare tables with their mappings: %w", err)
	}
	some := map[string]string{} // a part of each table
	for _, p := range parts {
		some[p.table] = p.path
	}
	var differ []error
	for _, s := range schemas {
		want, err := layoutOf(s)
		if err != nil {
			return err
		}
		if some[want.Name] == "" {
			continue
		}
		err = withPart(l.abs(some[want.Name]), func(p *partFile) error {
			differ = append(differ, p.compare(want)...)
			return nil
		})
		if err != nil {
			return fmt.Errorf("compare tables with their mappings: %w", err)
		}
	}
	if len(differ) > 0 {
		differ = append(differ, errors.New("load into a new lake (lake.dir), from the server or from the files"))
	}
	return errors.Join(differ...)
}

// MissingColumns gives those columns of the schemas, by table, that some part which
// readers see has not got: its rows were loaded before the columns were there, and have
// nulls. It reads the parts' footers.
func (l *Lake) MissingColumns(schemas []*arrow.Schema) (map[string][]string, error) {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return nil, err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return nil, fmt.Errorf("look for columns: %w", err)
	}
	want := map[string]*arrow.Schema{}
	for _, s := range schemas {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		want[t.Name] = s
	}
	missing := map[string][]string{}
	for _, in := range parts {
		if want[in.table] == nil {
			continue
		}
		err := withPart(l.abs(in.path), func(p *partFile) error {
			for _, f := range want[in.table].Fields() {
				if !p.schema.HasField(f.Name) && !slices.Contains(missing[in.table], f.Name) {
					missing[in.table] = append(missing[in.table], f.Name)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for columns: %w", err)
		}
	}
	return missing, nil
}

// compare lists what differs.
func (p *partFile) compare(want layout) (differ []error) {
	note := func(format string, args ...any) {
		differ = append(differ, fmt.Errorf("%w: %s: %s", ErrSchema, want.Name, fmt.Sprintf(format, args...)))
	}
	for _, f := range want.schema.Fields() {
		at := p.schema.FieldIndices(f.Name)
		if len(at) == 1 && !arrow.TypeEqual(p.schema.Field(at[0]).Type, f.Type) {
			note("column %s is %s in the lake, the mapping wants %s", f.Name, p.schema.Field(at[0]).Type, f.Type)
		}
	}
	if !slices.Equal(p.table.Key, want.Key) {
		note("the key is (%s) in the lake, the mapping wants (%s)", strings.Join(p.table.Key, ", "), strings.Join(want.Key, ", "))
	}
	return differ
}

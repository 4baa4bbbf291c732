package sof

import (
	"errors"
	"fmt"

	"github.com/claimlake/claimlake/internal/fhirpath"
)

// MaxRows bounds the rows of one resource: selects next to each other multiply.
const MaxRows = 1_000_000

// maxVisits bounds the items that selects of one resource visit, whether or not they
// give rows.
const maxVisits = 2 * MaxRows

// ErrTooManyRows reports a resource of more than MaxRows rows.
var ErrTooManyRows = errors.New("more than 1,000,000 rows of one resource: selects next to each other multiply")

// Cell is the value of a column: one item or none, or the items of a collection.
type Cell []fhirpath.Value

// Reader makes rows. It belongs to one goroutine.
type Reader struct {
	view     *View
	document fhirpath.Document
	want     fhirpath.Projection
	row      []Cell
	rows     int
	visits   int
	emit     func([]Cell) error
}

// NewReader makes a reader of v.
func (v *View) NewReader() *Reader {
	r := &Reader{view: v, row: make([]Cell, len(v.Columns))}
	r.want.Child("resourceType")
	for _, w := range v.where {
		for _, p := range w.Want(&r.want) {
			p.All()
		}
	}
	v.root.wants(&r.want)
	return r
}

// Rows calls emit with each row of the resource in line; the row is valid until emit
// returns. A resource of another type has none. Errors name the column or select, and
// never a value.
func (r *Reader) Rows(line []byte, emit func([]Cell) error) error {
	resource, err := r.document.Read(line, &r.want)
	if err != nil {
		return err
	}
	if resource.ResourceType() != r.view.Resource {
		return nil
	}
	for _, w := range r.view.where {
		result, err := w.Eval(resource, 0)
		if err != nil {
			return fmt.Errorf("where: %w", err)
		}
		holds, err := fhirpath.Criteria(result)
		if err != nil {
			return fmt.Errorf("where: FHIRPath %q: %w", w, err)
		}
		if !holds {
			return nil
		}
	}
	r.rows, r.visits, r.emit = 0, 0, emit
	return r.each(r.view.root, resource, 0, r.done)
}

func (r *Reader) done() error {
	if r.rows++; r.rows > MaxRows {
		return ErrTooManyRows
	}
	return r.emit(r.row)
}

// each fills the columns of s for each of its items, and calls next for each row.
func (r *Reader) each(s *selection, on fhirpath.Value, index int, next func() error) error {
	switch {
	case s.repeat != nil:
		n := 0
		return r.repeat(s, on, &n, 0, next)
	case s.forEach == nil:
		return r.item(s, on, index, next)
	}
	items, err := s.forEach.Eval(on, index)
	if err != nil {
		return err
	}
	if len(items) == 0 && s.orNull {
		return r.null(s, next)
	}
	for i, item := range items {
		if err := r.item(s, item, i, next); err != nil {
			return err
		}
	}
	return nil
}

// maxDepth bounds how deep elements repeat: JSON nests no deeper.
const maxDepth = 10_000

// repeat visits the items that the paths yield, and those that they yield on these,
// depth first (SQL on FHIR, "select.repeat").
func (r *Reader) repeat(s *selection, on fhirpath.Value, n *int, depth int, next func() error) error {
	if depth > maxDepth {
		return errors.New("repeat does not end: its path yields the item itself")
	}
	for _, path := range s.repeat {
		items, err := path.Eval(on, *n)
		if err != nil {
			return err
		}
		for _, item := range items {
			*n++
			if err := r.item(s, item, *n-1, next); err != nil {
				return err
			}
			if err := r.repeat(s, item, n, depth+1, next); err != nil {
				return err
			}
		}
	}
	return nil
}

// item fills the columns of s for one item.
func (r *Reader) item(s *selection, item fhirpath.Value, index int, next func() error) error {
	if r.visits++; r.visits > maxVisits {
		return ErrTooManyRows
	}
	for _, c := range s.columns {
		if err := r.fill(c, item, index); err != nil {
			return err
		}
	}
	return r.below(s, 0, item, index, next)
}

// below multiplies the selects of s from the i-th on, and then its union.
func (r *Reader) below(s *selection, i int, item fhirpath.Value, index int, next func() error) error {
	if i < len(s.selects) {
		return r.each(s.selects[i], item, index, func() error { return r.below(s, i+1, item, index, next) })
	}
	if len(s.union) == 0 {
		return next()
	}
	for _, branch := range s.union {
		if err := r.each(branch, item, index, next); err != nil {
			return err
		}
	}
	return nil
}

// null gives the row of a forEachOrNull without items: all columns are null but those
// of %rowIndex, which is 0.
func (r *Reader) null(s *selection, next func() error) error {
	for i := s.width.from; i < s.width.to; i++ {
		r.row[i] = nil
	}
	for _, c := range s.columns {
		if c.path.String() == "%rowIndex" {
			if err := r.fill(c, fhirpath.Value{}, 0); err != nil {
				return err
			}
		}
	}
	return next()
}

func (r *Reader) fill(c source, item fhirpath.Value, index int) error {
	column := &r.view.Columns[c.column]
	values, err := c.path.Eval(item, index)
	switch {
	case err != nil:
		return fmt.Errorf("column %s: %w", column.Name, err)
	case len(values) > 1 && !column.Collection:
		return fmt.Errorf("column %s: FHIRPath %q yields %d items: take one with first(), or set collection", column.Name, c.path, len(values))
	}
	for _, v := range values {
		if err := column.accepts(v); err != nil {
			return fmt.Errorf("column %s: %w", column.Name, err)
		}
	}
	r.row[c.column] = values
	return nil
}

// accepts reports whether a value can be of the column's type.
func (c *Column) accepts(v fhirpath.Value) error {
	want := ""
	switch c.Type {
	case "":
		return nil
	case "boolean":
		want = "boolean"
	case "integer", "positiveInt", "unsignedInt", "decimal":
		want = "number"
	case "integer64":
		if v.Kind() == "string" { // as R5 writes it
			return nil
		}
		want = "number"
	default:
		if 'a' > c.Type[0] || c.Type[0] > 'z' {
			return nil
		}
		want = "string"
	}
	if kind := v.Kind(); kind != want {
		return fmt.Errorf("a %s does not fit the type %s", kind, c.Type)
	}
	return nil
}

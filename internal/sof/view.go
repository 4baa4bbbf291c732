package sof

import (
	"github.com/claimlake/claimlake/internal/fhirpath"
)

// View is a checked ViewDefinition. It does not change and may be used concurrently.
type View struct {
	Name     string // "" if the ViewDefinition has none
	Resource string // the resource type it reads
	Columns  []Column

	where []*fhirpath.Expr
	root  *selection
}

// Column is a column of a view's rows.
type Column struct {
	Name        string
	Type        string // FHIR type, such as decimal; "" if the view does not say
	Description string
	Collection  bool // the cell is a list
}

// selection is one select of a view.
type selection struct {
	forEach *fhirpath.Expr
	orNull  bool             // forEachOrNull
	repeat  []*fhirpath.Expr // nil without repeat
	columns []source
	selects []*selection // each gives rows; the result is their product
	union   []*selection // each gives rows; the result is all of them
	width   span         // the columns below, those of union once
}

// source is where a column's values come from.
type source struct {
	column int // index in View.Columns
	path   *fhirpath.Expr
}

// span is a range of columns.
type span struct{ from, to int }

// wants adds what s reads of an item to its projection.
func (s *selection) wants(on *fhirpath.Projection) {
	items := []*fhirpath.Projection{on}
	switch {
	case s.forEach != nil:
		items = s.forEach.Want(on)
	case s.repeat != nil:
		items = []*fhirpath.Projection{s.wantsRepeat(on)}
	}
	for _, item := range items {
		for _, c := range s.columns {
			for _, v := range c.path.Want(item) {
				v.All()
			}
		}
		for _, below := range append(s.selects[:len(s.selects):len(s.selects)], s.union...) {
			below.wants(item)
		}
	}
}

// wantsRepeat is the projection of the items that repeat yields, from which it goes on.
func (s *selection) wantsRepeat(on *fhirpath.Projection) *fhirpath.Projection {
	item := &fhirpath.Projection{}
	for _, from := range []*fhirpath.Projection{on, item} {
		for _, path := range s.repeat {
			for _, p := range path.Want(from) {
				item.Merge(p)
			}
		}
	}
	return item
}

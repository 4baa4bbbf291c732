package coverage

import (
	"cmp"
	"slices"
)

// Path is what was counted at one place of a resource type. Values are leaves:
// strings, numbers and booleans.
type Path struct {
	Path      string `json:"path"`    // array indexes as #; keys that are no element name as ?
	Lines     int64  `json:"lines"`   // resources that have it
	Values    int64  `json:"values"`  // leaves
	Reached   int64  `json:"reached"` // leaves that reach a column
	Narrative bool   `json:"narrative,omitempty"`
}

// Unreached is how many leaves reach no column.
func (p Path) Unreached() int64 { return p.Values - p.Reached }

// Type is what was counted of a resource type. Narrative that reaches no column
// is in neither Values nor Reached: it says in HTML what the elements say.
type Type struct {
	Resource  string `json:"resource"`
	Lines     int64  `json:"lines"`
	Values    int64  `json:"values"`
	Reached   int64  `json:"reached"`
	Narrative int64  `json:"narrative"` // leaves of narrative that reach no column
	Paths     []Path `json:"paths"`     // those with the most unreached leaves first
}

// NewType sums up the paths of a resource type.
func NewType(resource string, lines int64, paths []Path) Type {
	t := Type{Resource: resource, Lines: lines, Paths: paths}
	slices.SortFunc(t.Paths, func(a, b Path) int {
		return cmp.Or(cmp.Compare(b.lost(), a.lost()), cmp.Compare(b.Unreached(), a.Unreached()), cmp.Compare(a.Path, b.Path))
	})
	for _, p := range paths {
		t.Reached += p.Reached
		t.Values += p.Reached + p.lost()
		if p.Narrative {
			t.Narrative += p.Unreached()
		}
	}
	return t
}

// lost is how many leaves reach no column, narrative aside.
func (p Path) lost() int64 {
	if p.Narrative {
		return 0
	}
	return p.Unreached()
}

// Share is the percentage of leaves that reach a column; 100 where there are none.
func (t Type) Share() float64 {
	if t.Values == 0 {
		return 100
	}
	return 100 * float64(t.Reached) / float64(t.Values)
}

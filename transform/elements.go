package transform

import (
	"maps"
	"slices"
	"strings"
)

// Elements are the root elements of a resource type that its mapping takes,
// sorted, as Bulk Data's _elements names them. They are nil where the mapping
// takes whole resources, or where there is none: then all elements are wanted.
func (p *Plan) Elements(resource string) []string {
	rp := p.byType[resource]
	if rp == nil || rp.extras != none || rp.root.root.slot != none {
		return nil
	}
	elements := map[string]bool{}
	for key := range rp.root.root.keys {
		// A primitive's extensions come with it; the type comes always.
		if key = strings.TrimPrefix(key, "_"); key != "resourceType" {
			elements[key] = true
		}
	}
	return slices.Sorted(maps.Keys(elements))
}

package setup

import (
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/transform"
)

// Export is what the configuration asks for. Where it names no types they are
// those that plan maps, and since counts where it has none of its own.
func Export(e config.Export, plan *transform.Plan, since time.Time) extract.Export {
	types := e.Types
	if len(types) == 0 {
		types = plan.Resources()
	}
	elements := []string(e.Elements)
	if e.Elements.FromMappings() {
		elements = mappedElements(plan, types)
	}
	if !e.Since.IsZero() {
		since = e.Since
	}
	x := extract.Export{
		Level: extract.Level(e.Level), Group: e.Group, Types: types, Narrow: len(e.Types) == 0, Since: since, Until: e.Until,
		Elements: elements, TypeFilters: e.TypeFilters, Patients: e.Patients,
		IncludeAssociatedData: e.IncludeAssociatedData, OrganizeOutputBy: e.OrganizeOutputBy,
		AllowPartialManifests: e.AllowPartialManifests, OutputFormat: e.OutputFormat, MinFileSize: e.MinimumFileSize, MaxFileSize: e.MaximumFileSize,
		Lenient: e.Lenient, SeparateExportStatus: e.SeparateExportStatus,
	}
	if e.Method != "auto" {
		x.Method = extract.Method(strings.ToUpper(e.Method))
	}
	for _, p := range e.Custom {
		x.Custom = append(x.Custom, extract.Parameter(p))
	}
	return x
}

// mappedElements are the elements that the mappings of the types take, as
// Type.element. A type of which all is taken has none, and so comes whole.
func mappedElements(plan *transform.Plan, types []string) []string {
	var names []string
	for _, t := range slices.Sorted(slices.Values(types)) {
		for _, element := range plan.Elements(t) {
			names = append(names, t+"."+element)
		}
	}
	return names
}

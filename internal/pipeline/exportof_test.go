package pipeline

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
)

func TestExportOf(t *testing.T) {
	p := plan(t)
	watermark, own := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		in   config.Export
		want extract.Export
	}{
		"what is mapped, since the last time": {
			config.Export{Level: "system", Method: "auto"},
			extract.Export{Level: extract.System, Types: p.Resources(), Narrow: true, Since: watermark},
		},
		"what is configured": {
			config.Export{
				Level: "group", Group: "g", Types: []string{"Claim"}, Since: own, Method: "post", Patients: []string{"a"},
				IncludeAssociatedData: []string{"LatestProvenanceResources"}, OrganizeOutputBy: "Patient", Lenient: true,
				AllowPartialManifests: true, OutputFormat: "ndjson", MinimumFileSize: 1, MaximumFileSize: 2,
				SeparateExportStatus: true, Custom: []config.Parameter{{Name: "_x", Value: "1"}}, Elements: config.Elements{"item"},
			},
			extract.Export{
				Level: extract.Group, Group: "g", Types: []string{"Claim"}, Since: own, Method: extract.POST, Patients: []string{"a"},
				IncludeAssociatedData: []string{"LatestProvenanceResources"}, OrganizeOutputBy: "Patient", Lenient: true,
				AllowPartialManifests: true, OutputFormat: "ndjson", MinFileSize: 1, MaxFileSize: 2,
				SeparateExportStatus: true, Custom: []extract.Parameter{{Name: "_x", Value: "1"}}, Elements: []string{"item"},
			},
		},
	} {
		if diff := cmp.Diff(tc.want, ExportOf(tc.in, p, watermark)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	e := ExportOf(config.Export{Types: []string{"Claim", "Basic"}, Elements: config.Elements{"from-mappings"}}, p, watermark)
	if !slices.Contains(e.Elements, "Claim.item") || slices.ContainsFunc(e.Elements, func(s string) bool { return s[0] != 'C' }) {
		t.Errorf("elements of the mappings: %q", e.Elements)
	}
}

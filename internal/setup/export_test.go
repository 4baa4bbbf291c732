package setup

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/transform"
)

func TestExport(t *testing.T) {
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
		if diff := cmp.Diff(tc.want, Export(tc.in, p, watermark)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	e := Export(config.Export{Types: []string{"Claim", "Basic"}, Elements: config.Elements{"from-mappings"}}, p, watermark)
	if !slices.Contains(e.Elements, "Claim.item") || slices.ContainsFunc(e.Elements, func(s string) bool { return s[0] != 'C' }) {
		t.Errorf("elements of the mappings: %q", e.Elements)
	}
}

const mapping = `resource: Claim
description: Claims.
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
  - name: claim_item
    description: One row per line.
    rows: item
    key: [claim_id, position]
    columns:
      - {name: claim_id, path: $.id, type: id, description: The claim}
      - {name: position, path: "@position", type: integer, description: Place in the claim}
`

func plan(t *testing.T) *transform.Plan {
	t.Helper()
	m, err := transform.ParseMapping("claim.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	p, err := transform.Compile([]*transform.Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

package transform

import (
	"slices"
	"strings"
	"testing"
)

func TestElements(t *testing.T) {
	const table = "resource: Claim\n%extras%tables:\n  - name: claim\n    key: [id]\n    columns:\n      - {name: id, path: id, type: id, description: d}\n"
	for name, tc := range map[string]struct {
		columns string
		want    []string
	}{
		"an element and one inside it":   {"      - {name: s, path: status, type: code, description: d}\n      - {name: v, path: total.value, type: string, description: d}\n", []string{"id", "meta", "status", "total"}},
		"a primitive's extension":        {"      - {name: e, path: '_created.extension.0.url', type: string, description: d}\n", []string{"created", "id", "meta"}},
		"all alternatives of a column":   {"      - {name: p, path: [payor.0.display, insurer.display], type: string, description: d}\n", []string{"id", "insurer", "meta", "payor"}},
		"a filter over the elements":     {"      - {name: c, path: 'type.coding.#(system==\"s\").code', type: code, description: d}\n", []string{"id", "meta", "type"}},
		"rows of another table":          {"  - name: claim_item\n    rows: item\n    key: [seq]\n    columns:\n      - {name: seq, path: sequence, type: integer, description: d}\n", []string{"id", "item", "meta"}},
		"the whole resource":             {"      - {name: raw, path: '@this', type: json, description: d}\n", nil},
		"a path that nobody can foresee": {"      - {name: any, path: 'st*', type: string, description: d}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for extras, want := range map[string][]string{"": tc.want, "extras: keep\n": nil} {
				m, err := ParseMapping("claim.yaml", []byte(strings.ReplaceAll(table, "%extras%", extras)+tc.columns))
				if err != nil {
					t.Fatal(err)
				}
				p, err := Compile([]*Mapping{m})
				if err != nil {
					t.Fatal(err)
				}
				if got := p.Elements("Claim"); !slices.Equal(got, want) {
					t.Errorf("extras %q: elements %q, want %q", extras, got, want)
				}
				if got := p.Elements("Patient"); got != nil {
					t.Errorf("a type without mapping has %q", got)
				}
			}
		})
	}
}

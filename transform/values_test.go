package transform

import (
	"strings"
	"testing"
)

const example = `resource: Claim
description: A claim.
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
      - {name: type, path: type, type: CodeableConcept, description: Claim type}
      - {name: total, path: [total, total.0], type: Money, description: Total}
      - {name: created, path: created, type: dateTime, precision: true, description: Created}
`

func TestMappingExpandsComposites(t *testing.T) {
	m, err := ParseMapping("schemas/claim.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, spec := range m.Tables[0].Columns {
		columns, err := spec.expand()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			names = append(names, c.name+" "+c.kind.String()+" "+c.kind.dataType().Name())
		}
	}
	got := strings.Join(names, "\n")
	want := "id id utf8\ntype_code code dictionary\ntype_system code dictionary\ntype_display string utf8\ntype_text string utf8\n" +
		"total decimal(18,4) decimal\ntotal_currency code dictionary\ncreated dateTime timestamp\ncreated_precision code dictionary"
	if got != want || !strings.HasPrefix(m.id, "claim@") {
		t.Errorf("%s of %s, want\n%s", got, m.id, want)
	}
}

const grouped = `resource: Claim
description: A claim.
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
      - &codes
        - {name: kind, path: kind, type: code, description: Kind}
        - {name: use, path: use, type: code, description: Use}
  - name: claim_part
    description: One row per part.
    rows: part
    key: claim_id
    columns:
      - {name: claim_id, path: $.id, type: id, description: Id}
      - *codes
      - {name: last, path: last, type: code, description: Last}
`

func TestTablesShareGroupsOfColumns(t *testing.T) {
	m, err := ParseMapping("claim.yaml", []byte(grouped))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range m.Tables[1].Columns {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "claim_id kind use last" {
		t.Errorf("columns %s", got)
	}
	for change, want := range map[string]string{
		"name: use|name: kind":     `claim.yaml:9:9: column "kind" is there twice`,
		"name: last|name: kind":    `claim.yaml:19:16: column "kind" is there twice`,
		"path: use,|paths: use,":   `claim.yaml:11:23: unknown field "paths"`,
		"path: last,|paths: last,": `claim.yaml:19:22: unknown field "paths"`,
	} {
		old, changed, _ := strings.Cut(change, "|")
		_, err := ParseMapping("claim.yaml", []byte(strings.Replace(grouped, old, changed, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}

func TestMappingMistakesHaveTheirPlace(t *testing.T) {
	for old, tc := range map[string]struct{ new, want string }{
		"type: Money":       {"type: Mony", `c.yaml:10:16: column "total": unknown type "Mony"`},
		"name: created":     {"name: total", `c.yaml:11:16: column "total" is there twice`},
		"key: id":           {"key: [id, nr]", `key column "nr" is not among the columns`},
		"precision: true":   {"precison: true", `unknown field "precison"`},
		"path: created":     {"path: ^", `path "^" ends too early`},
		"resource: Claim":   {"resource: ''", "c.yaml:1:1"},
		"type: dateTime":    {"type: code", "precision goes with date"},
		"type: id, descrip": {"type: 'decimal(99,1)', descrip", "want a precision of 1 to 38"},
	} {
		_, err := ParseMapping("c.yaml", []byte(strings.Replace(example, old, tc.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.new, err, tc.want)
		}
	}
}

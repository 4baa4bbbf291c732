package trial

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform"
)

func TestKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		key, lines string
		want       []Repeated
	}{
		"each row has its own": {
			"[claim_id, sequence]", `{"resourceType":"Claim","id":"1","item":[{"sequence":1},{"sequence":2}]}`, nil,
		},
		"a resource that comes again is another version": {
			"[claim_id, sequence]", `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}` + "\n" + `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}`, nil,
		},
		"two rows of one resource": {
			"[claim_id, sequence]", `{"resourceType":"Claim","id":"1"}` + "\n" + `{"resourceType":"Claim","id":"2","item":[{"sequence":7},{"sequence":7},{"sequence":7}]}`,
			[]Repeated{{Table: "item", Key: []string{"claim_id", "sequence"}, Rows: 2, Line: 2}},
		},
		"two rows of one resource, the second time": {
			"[claim_id, sequence]", `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}` + "\n" + `{"resourceType":"Claim","id":"1","item":[{"sequence":1},{"sequence":1}]}`,
			[]Repeated{{Table: "item", Key: []string{"claim_id", "sequence"}, Rows: 1, Line: 2}},
		},
		"rows of two resources": {
			"[sequence]", `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}` + "\n\n" + `{"resourceType":"Claim","id":"2","item":[{"sequence":1}]}`,
			[]Repeated{{Table: "item", Key: []string{"sequence"}, Rows: 1, Line: 3}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := transform.ParseMapping("claim.yaml", []byte(`
resource: Claim
tables:
  - {name: claim, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}]}
  - name: item
    description: d
    rows: item
    key: `+tc.key+`
    columns:
      - {name: claim_id, path: $.id, type: id, description: d}
      - {name: sequence, path: sequence, type: integer, description: d}
`))
			if err != nil {
				t.Fatal(err)
			}
			plan, err := transform.Compile([]*transform.Mapping{m})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "claims.ndjson")
			if err := os.WriteFile(file, []byte(tc.lines), 0o600); err != nil {
				t.Fatal(err)
			}
			keys, pages := NewKeys(), 0
			if _, err := Flatten(t.Context(), plan, []string{file}, func(p lineage.Page, r *transform.Result) bool {
				pages++
				return keys.Add(pages, p, r) == nil
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, keys.Repeated([]string{"claim", "item"})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

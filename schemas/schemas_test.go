package schemas

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

var compiled = sync.OnceValues(func() (*transform.Plan, error) {
	mappings, err := Builtin()
	if err != nil {
		return nil, err
	}
	return transform.Compile(mappings)
})

func builtinPlan(t testing.TB) *transform.Plan {
	t.Helper()
	plan, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Every path of a built-in mapping is read by the compiled scan.
func TestNoPathIsLeftToGJSON(t *testing.T) {
	for _, f := range builtinPlan(t).Explain() {
		t.Errorf("%s.%s: %s is left to gjson", f.Table, f.Column, f.Path)
	}
}

func TestEveryTableAndColumnIsDescribed(t *testing.T) {
	for _, s := range builtinPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(tb.Description) < 10 || strings.Contains(tb.Description, "\n") {
			t.Errorf("%s: description %q", tb.Name, tb.Description)
		}
		for _, f := range s.Fields() {
			if d := table.ColumnDescription(f); len(d) < 4 || strings.ContainsAny(d, "\n") {
				t.Errorf("%s.%s: description %q", tb.Name, f.Name, d)
			}
		}
	}
}

// A row of a claim's child table is found by the claim and the positions of the row,
// and joined with the patient.
func TestChildrenOfClaimsAreKeyedByPosition(t *testing.T) {
	for _, s := range builtinPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if tb.IsRoot() || tb.Root != "claim" && tb.Root != "explanation_of_benefit" {
			continue
		}
		if tb.Key[0] != tb.Root+"_id" || !s.HasField("patient_id") {
			t.Errorf("%s: key %v, columns %v", tb.Name, tb.Key, s.Fields())
		}
		for _, k := range tb.Key[1:] {
			if k != "path" && !strings.HasSuffix(k, "_path") && !strings.HasSuffix(k, "position") {
				t.Errorf("%s: key column %s is no position", tb.Name, k)
			}
		}
	}
}

// What a claim and its explanation of benefit both have is called and described the
// same.
func TestClaimReadsLikeExplanationOfBenefit(t *testing.T) {
	plan, same := builtinPlan(t), 0
	for _, s := range plan.Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		other := plan.Schema("explanation_of_benefit" + strings.TrimPrefix(tb.Name, "claim"))
		if tb.Root != "claim" || other == nil {
			continue
		}
		for _, f := range s.Fields() {
			twin, ok := fieldOf(other, f.Name)
			if !ok || table.ColumnPath(twin) != table.ColumnPath(f) {
				continue
			}
			same++
			if table.ColumnDescription(twin) != table.ColumnDescription(f) || !arrow.TypeEqual(twin.Type, f.Type) {
				t.Errorf("%s.%s is %q, with the explanation of benefit %q", tb.Name, f.Name, table.ColumnDescription(f), table.ColumnDescription(twin))
			}
		}
	}
	if same < 200 {
		t.Errorf("only %d columns were compared", same)
	}
}

func fieldOf(s *arrow.Schema, name string) (arrow.Field, bool) {
	fields, ok := s.FieldsByName(name)
	if !ok {
		return arrow.Field{}, false
	}
	return fields[0], true
}

const ownClaim = `resource: Claim
description: Claims of our own.
tables:
  - name: our_claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
`

func TestLoadOverlaysTheUsersMappings(t *testing.T) {
	for name, tc := range map[string]struct {
		files map[string]string
		ours  map[string]string // main table of each resource type that is not as built in
		fails string            // part of the error; "" for none
	}{
		"none":                             {},
		"one of a built-in resource type":  {files: map[string]string{"ours.yaml": ownClaim, "notes.txt": "no mapping"}, ours: map[string]string{"Claim": "our_claim"}},
		"one of another resource type":     {files: map[string]string{"ours.yaml": strings.ReplaceAll(ownClaim, ": Claim", ": Device")}, ours: map[string]string{"Device": "our_claim"}},
		"two of the same resource type":    {files: map[string]string{"a.yaml": ownClaim, "b.yaml": ownClaim}, fails: "two files map Claim: leave one out"},
		"a mistake is told with its place": {files: map[string]string{"a.yaml": strings.Replace(ownClaim, "type: id", "type: text", 1)}, fails: `a.yaml:8:16: column "id": unknown type "text"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tc.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			mappings, err := Load(dir)
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Fatalf("%v, want %q", err, tc.fails)
				}
				return
			}
			want := builtinTables(t)
			maps.Copy(want, tc.ours)
			if diff := cmp.Diff(want, mainTables(mappings)); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

// mainTables gives the first table of each mapping, by resource type.
func mainTables(mappings []*transform.Mapping) map[string]string {
	tables := map[string]string{}
	for _, m := range mappings {
		tables[m.Resource] = m.Tables[0].Name
	}
	return tables
}

func builtinTables(t *testing.T) map[string]string {
	t.Helper()
	mappings, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return mainTables(mappings)
}

func TestLoadNeedsItsFolder(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
	mappings, err := Load("")
	if err != nil || len(mappings) == 0 {
		t.Errorf("no folder: %d mappings, %v", len(mappings), err)
	}
}

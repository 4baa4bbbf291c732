package schemas

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// companions are the main tables of the resources that accompany a claim: who
// is insured, with whom, and what was done.
func companions() []string {
	return []string{
		"patient", "coverage", "encounter", "procedure", "observation", "condition", "medication_request",
		"practitioner", "practitioner_role", "organization", "location",
	}
}

// companionTables gives the schemas of the tables of companions, by name.
func companionTables(t *testing.T) map[string]*arrow.Schema {
	t.Helper()
	schemas := map[string]*arrow.Schema{}
	for _, s := range builtinPlan(t).Schemas() {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(companions(), tb.Root) {
			schemas[tb.Name] = s
		}
	}
	return schemas
}

// An analyst joins on the ids that a table's name promises, with patient wherever
// the resource has one, and each column has one line that says what it is.
func TestCompanionsTables(t *testing.T) {
	schemas := companionTables(t)
	for name, s := range schemas {
		tb, err := table.Of(s)
		if err != nil {
			t.Fatal(err)
		}
		if want := tb.Root + "_id"; !tb.IsRoot() && (tb.Key[0] != want || !strings.HasPrefix(name, tb.Root+"_")) {
			t.Errorf("%s: the key begins with %s, want %s and a name that begins with %s", name, tb.Key[0], want, tb.Root)
		}
		if tb.IsRoot() && strings.Join(tb.Key, ",") != "id" {
			t.Errorf("%s: key %v, want id", name, tb.Key)
		}
		if schemas[tb.Root].HasField("patient_id") && !s.HasField("patient_id") {
			t.Errorf("%s has no patient_id", name)
		}
		for _, f := range s.Fields() {
			if d := table.ColumnDescription(f); d == "" || strings.Contains(d, "\n") || strings.HasSuffix(d, ".") {
				t.Errorf("%s.%s: description %q is not one line without a full stop", name, f.Name, d)
			}
		}
	}
}

func TestCompanionsGolden(t *testing.T) {
	for _, name := range companions() {
		t.Run(name, func(t *testing.T) { checkGolden(t, filepath.Join("..", "testdata", "companions", name)) })
	}
}

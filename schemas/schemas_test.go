package schemas

import (
	"testing"

	"github.com/claimlake/claimlake/transform"
)

func builtinPlan(t testing.TB) *transform.Plan {
	t.Helper()
	mappings, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := transform.Compile(mappings)
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

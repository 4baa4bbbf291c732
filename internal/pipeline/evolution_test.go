package pipeline

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// A mapping may get columns and lose them. What readers of old and new parts could not
// read together is refused, with the way out, and nothing is changed.
func TestAMappingOfALakeChanges(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	var report Report
	load := func(text, id string) error {
		m, err := transform.ParseMapping("claim.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p, err := transform.Compile([]*transform.Mapping{m})
		if err != nil {
			t.Fatal(err)
		}
		o := options(t, lake, nil)
		o.Plan = p
		report, err = flatten(t, o, write(t, filepath.Join(in, id+".ndjson"), claimLine(id, monday, "1")))
		return err
	}
	if err := load(mapping, "1"); err != nil {
		t.Fatal(err)
	}
	const net = `{name: net, path: net.value, type: "decimal(18,4)", description: `
	if !strings.Contains(mapping, net) {
		t.Fatal("the mapping has changed: this test's replacements do nothing")
	}
	for name, tc := range map[string]struct{ old, text, want string }{
		"another type":  {net, strings.Replace(net, `"decimal(18,4)"`, "string", 1), "claim_item: column net is decimal(18, 4) in the lake, the mapping wants utf8"},
		"another scale": {net, strings.Replace(net, "decimal(18,4)", "decimal(18,2)", 1), "column net is decimal(18, 4) in the lake, the mapping wants decimal(18, 2)"},
		"another key":   {"key: [claim_id, position]", "key: [claim_id, position, net]", "the key is (claim_id, position) in the lake, the mapping wants (claim_id, position, net)"},
	} {
		if !strings.Contains(mapping, tc.old) {
			t.Fatalf("%s: the mapping has changed: this test's replacements do nothing", name)
		}
		if err := load(strings.Replace(mapping, tc.old, tc.text, 1), "2"); !errors.Is(err, parquet.ErrSchema) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "lake.dir") {
			t.Errorf("%s: %v", name, err)
		}
	}
	grown := strings.Replace(mapping, net, "{name: currency, path: net.currency, type: code, description: a new one}\n      - "+net, 1)
	for _, step := range []struct{ id, text, finding string }{
		{"3", grown, "rows that were loaded before are null in currency: claimlake reflatten, or sync --full, fills them"},
		{"4", mapping, ""}, // a column less is none that readers look for
	} {
		if err := load(step.text, step.id); err != nil {
			t.Errorf("a column more or less: %v", err)
		}
		if got := report.Findings; step.finding == "" && len(got) > 0 || step.finding != "" && (len(got) != 1 || got[0].Text != step.finding || got[0].Subject != "claim_item") {
			t.Errorf("findings %+v, want %q", got, step.finding)
		}
	}
	// Once all lines were loaded again no row is null for that reason.
	for _, id := range []string{"1", "4", "3"} {
		if err := load(grown, id); err != nil {
			t.Error(err)
		}
	}
	if len(report.Findings) > 0 {
		t.Errorf("findings %+v", report.Findings)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000", "3|1|1.0000", "4|1|1.0000"}) {
		t.Errorf("rows %q", got)
	}
}

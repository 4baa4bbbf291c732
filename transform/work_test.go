package transform

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// A line of elements that have next to nothing is not worth its rows.
func TestALineHasOnlySoManyRows(t *testing.T) {
	line := func(n int, item string) string {
		return `{"resourceType":"Claim","id":"1","item":[` + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + `]}`
	}
	most := func(text string) int { return freeRows + len(text)/rowBytes }
	for name, tc := range map[string]struct {
		line string
		ok   bool
	}{
		"some empty elements":  {line(freeRows, "{}"), true},
		"a million empty ones": {line(1_000_000, "{}"), false},
		"many, of some length": {line(20_000, `{"net":{"value":1.10,"currency":"USD"}}`), true},
		"as many as may be":    {line(most(line(2000, "{}")), "{}"), true},
		"rather more":          {line(3000, "{}"), false},
		"elements of no table": {strings.Replace(line(100_000, "{}"), "item", "other", 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			f := claimPlan(t, []string{"x | x | string"}, items).NewFlattener(memory.DefaultAllocator)
			good := line(1, "{}") + "\n"
			r, err := f.Flatten(lineage.Page{Origin: origin(), First: 1, Data: []byte(good + tc.line + "\n" + good)})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			if tc.ok != (len(r.Rejects) == 0) || !tc.ok && (r.Rejects[0].Reason != ReasonTooManyRows || r.Rejects[0].Line != 2 || r.Resources["Claim"] != 2) {
				t.Errorf("rejects %v, %v", r.Rejects, r.Resources)
			}
		})
	}
}

// What gjson finds in an element for all rows below it, it looks for once.
func TestGJSONLooksOnceForAllRows(t *testing.T) {
	f := claimPlan(t, nil, "item: item\n x | $.ext*.value | string").NewFlattener(memory.DefaultAllocator)
	for range 2 { // another page may have something else at the same place
		r, err := f.Flatten(lineage.Page{Origin: origin(), First: 1, Data: []byte(strings.Repeat(`{"resourceType":"Claim","id":"1","item":[{},{},{}],"extension":{"value":"y"}}`+"\n", 2))})
		if err != nil {
			t.Fatal(err)
		}
		if x := r.Batches[1].Column(r.Batches[1].Schema().FieldIndices("x")[0]); x.NullN() > 0 || x.Len() != 6 || x.ValueStr(5) != "y" {
			t.Errorf("%v", x)
		}
		r.Release()
	}
	if n := f.chunk.last.times; n != 4 {
		t.Errorf("gjson looked %d times for 12 rows of 4 lines", n)
	}
}

// Twice as many references into twice as many contained resources take twice the work.
func TestContainedResourcesTakeNoLongerThanTheirLine(t *testing.T) {
	looked := func(n int) int {
		var references, contained []string
		for i := range n {
			references = append(references, fmt.Sprintf(`{"x":{"reference":"#c%d"},"length":"of a row that is real"}`, n-1-i))
			contained = append(contained, fmt.Sprintf(`{"resourceType":"Practitioner","id":"c%d","name":"%d"}`, i, i))
		}
		f := claimPlan(t, []string{"x | x | string"}, "item: item\n x | x.@contained.name | string").NewFlattener(memory.DefaultAllocator)
		r, err := f.Flatten(lineage.Page{Origin: origin(), First: 1, Data: []byte(`{"resourceType":"Claim","id":"1","item":[` + strings.Join(references, ",") + `],"contained":[` + strings.Join(contained, ",") + `]}`)})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		last := r.Batches[1].Column(r.Batches[1].Schema().FieldIndices("x")[0])
		if len(r.Rejects) > 0 || last.ValueStr(0) != fmt.Sprint(n-1) || last.ValueStr(n-1) != "0" || last.NullN() > 0 {
			t.Fatalf("rejects %v, %v", r.Rejects, last)
		}
		return f.chunk.inside.looked
	}
	if one, two := looked(2000), looked(4000); two > 5*one/2 {
		t.Errorf("%d steps for 2000, %d for 4000", one, two)
	}
}

package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Several adjudications of one category add up, in whatever codings and places they come.
func TestSums(t *testing.T) {
	const mapping = `resource: Basic
tables:
  - name: basic
    description: d
    key: id
    columns:
      - {name: id, path: id, type: id, description: d}
      - {name: total, path: ['x.#(c.#(k=="one"))#.v', 'x.#(c.#(k%"t*o"))#.v', 'o.#.f.#(t=="n1")#.v', t.v], type: 'rounded(18,4)', sum: true, description: d}
`
	m, err := ParseMapping("basic.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile([]*Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ in, want string }{
		"two of a category":           {`"x":[{"c":[{"k":"one"}],"v":1.5},{"c":[{"k":"two"}],"v":7},{"v":2,"c":[{"k":"three"},{"k":"one"}]}]`, "3.5"},
		"two codings are one amount":  {`"x":[{"c":[{"k":"one"},{"k":"one"}],"v":1.5}]`, "1.5"},
		"zero is an amount":           {`"x":[{"c":[{"k":"one"}],"v":0},{"c":[{"k":"two"}],"v":7}]`, "0"},
		"else the next path":          {`"x":[{"c":[{"k":"two"}],"v":7},{"c":[{"k":"two"}],"v":-3.5}]`, "3.5"},
		"within arrays of arrays":     {`"o":[{"f":[{"t":"n1","v":5},{"t":"n2","v":9}]},{"g":1},{"f":[{"t":"n1","v":4}]}]`, "9"},
		"a single value":              {`"o":[],"t":{"v":3}`, "3"},
		"null adds nothing":           {`"x":[{"c":[{"k":"one"}],"v":null},{"c":[{"k":"one"}],"v":2}]`, "2"},
		"of a repeated key the first": {`"x":[{"c":[{"k":"one"}],"v":1}],"x":[{"c":[{"k":"one"}],"v":1}]`, "1"},
		"text is no amount":           {`"x":[{"c":[{"k":"one"}],"v":"1"},{"c":[{"k":"one"}],"v":2}]`, "(null)"},
		"decimals beyond are rounded": {`"x":[{"c":[{"k":"one"}],"v":1.23456},{"c":[{"k":"one"}],"v":1}]`, "2.2346"},
		"nothing":                     {`"y":1`, "(null)"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := plan.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{First: 1, Data: []byte(`{"resourceType":"Basic","id":"1",` + tc.in + "}\n")})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			got := r.Batches[0].Column(1).(*array.Decimal128).ValueStr(0)
			if strings.Contains(got, ".") {
				got = strings.TrimRight(strings.TrimRight(got, "0"), ".")
			}
			if got != tc.want {
				t.Errorf("the sum is %s, want %s", got, tc.want)
			}
			if counted := slices.ContainsFunc(r.Counts, func(c ValueCount) bool { return c.Reason == ValueRounded && c.Count == 1 }); counted != strings.Contains(name, "rounded") {
				t.Errorf("rounded values: %v", r.Counts)
			}
		})
	}
}

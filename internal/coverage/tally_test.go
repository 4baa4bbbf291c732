package coverage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/transform"
)

func plan(t *testing.T) *transform.Plan {
	t.Helper()
	m, err := transform.ParseMapping("basic.yaml", []byte(`
resource: Basic
tables:
  - name: basic
    description: d
    key: id
    columns:
      - {name: id, path: id, type: id, description: d}
      - {name: a, path: 'a.#.b', type: list(integer), description: d}
`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := transform.Compile([]*transform.Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTally(t *testing.T) {
	tally := NewTally(plan(t))
	for _, line := range []string{
		"\xef\xbb\xbf" + `{"resourceType":"Basic","id":"1","a":[{"b":1,"c":2},{"b":3}],"text":{"div":"<p/>"}}` + "\r\n",
		"\n",
		`{"resourceType":"Basic","id":"2","a":[{"c":4},{"c":5}]}`,
		`{"resourceType":"Basic"`,
		`{"resourceType":"Group","id":"3"}`,
	} {
		tally.Add([]byte(line))
	}
	want := []Type{
		{Resource: "Basic", Lines: 2, Values: 7, Reached: 4, Narrative: 1, Paths: []Path{
			{Path: "a.#.c", Lines: 2, Values: 3},
			{Path: "text.div", Lines: 1, Values: 1, Narrative: true},
			{Path: "a.#.b", Lines: 1, Values: 2, Reached: 2},
			{Path: "id", Lines: 2, Values: 2, Reached: 2},
		}},
		{Resource: "Group", Lines: 1, Values: 1, Paths: []Path{{Path: "id", Lines: 1, Values: 1}}},
	}
	got := tally.Types()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if share := fmt.Sprintf("%.1f %.1f %.1f", got[0].Share(), got[1].Share(), Type{}.Share()); share != "57.1 0.0 100.0" {
		t.Errorf("shares %s", share)
	}
	if diff := cmp.Diff(map[string]int64{transform.ReasonTruncated: 1}, tally.Unreadable()); diff != "" {
		t.Error(diff)
	}
}

// However odd the data, a tally stays small, and counts everything.
func TestPathsAreLimited(t *testing.T) {
	tally := NewTally(plan(t))
	for i := range maxPaths + 100 {
		tally.Add(fmt.Appendf(nil, `{"resourceType":"Basic","k%d":1}`, i))
	}
	tally.Add([]byte(`{"resourceType":"Basic","deep":` + strings.Repeat(`[`, 200) + `1` + strings.Repeat(`]`, 200) + `}`))
	got := tally.Types()[0]
	if len(got.Paths) != maxPaths+1 || got.Values != maxPaths+101 || got.Paths[0].Path != other || got.Paths[0].Values != 101 {
		t.Errorf("%d paths, %d values, first %v", len(got.Paths), got.Values, got.Paths[0])
	}
}

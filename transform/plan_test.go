package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

func TestSchemasDescribeTheirTables(t *testing.T) {
	p := claimPlan(t, []string{"x | [a.b, c] | decimal(9,2), choice: true"}, items)
	got, err := table.Of(p.Schema("item"))
	want := table.Table{Name: "item", Resource: "Claim", Description: "Rows.", Key: []string{"claim_id"}, Root: "claim", Mapping: p.resources[0].mapping.id}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	s := p.Schema("claim")
	x := s.Field(1)
	if table.ColumnType(x) != "decimal(9,2)" || table.ColumnPath(x) != "a.b | c" || table.ColumnDescription(x) != "d" || !x.Nullable || s.Field(0).Nullable {
		t.Errorf("fields %v", s.Fields()[:2])
	}
	for i, want := range lineage.Fields() {
		if got := s.Field(s.NumFields() - len(lineage.Fields()) + i); !got.Equal(want) {
			t.Errorf("lineage column %d is %v, want %v", i, got, want)
		}
	}
	if p.Schema("nothing") != nil || !slices.Equal(p.Resources(), []string{"Claim"}) || len(p.Schemas()) != 2 {
		t.Errorf("resources %v", p.Resources())
	}
}

func TestExplainNamesWhatGJSONReads(t *testing.T) {
	p := claimPlan(t, []string{"x | a.b.c*.d | json", "y | a.#.b | json", `z | a.#(b=="1").c.0 | json`, "w | meta|@pretty | json"})
	want := []Fallback{
		{Table: "claim", Column: "x", Path: "a.b.c*.d", Rest: "c*.d"},
		{Table: "claim", Column: "y", Path: "a.#.b", Rest: "#.b"},
		{Table: "claim", Column: "w", Path: "meta|@pretty", Rest: "meta|@pretty"},
	}
	if diff := cmp.Diff(want, p.Explain()); diff != "" {
		t.Error(diff)
	}
}

func TestCompileRefusesTwoMappingsOfOneThing(t *testing.T) {
	parse := func(file, resource string) *Mapping {
		m, err := ParseMapping(file, []byte(strings.Replace(keyed, "resource: Claim", "resource: "+resource, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for want, other := range map[string]string{"both map Claim": "Claim", "both have a table part": "Patient"} {
		_, err := Compile([]*Mapping{parse("a.yaml", "Claim"), parse("b.yaml", other)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "b@") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPathMistakesHaveTheirPlace(t *testing.T) {
	for old, tc := range map[string]struct{ new, want string }{
		"rows: a":   {"rows: a..b", `c.yaml:10:11: table "part": row path "a..b": has an empty component`},
		"rows: a\n": {"rows: a.*\n", `row path "a.*": "*" is not a key, an index, #, #(…) or #(…)#`},
		"path: n,":  {"path: 'n.#(a==1',", `c.yaml:14:16: column "n": path "n.#(a==1": brackets or quotes do not match`},
		"path: id,": {"path: ^.id,", `column "id": a resource has no parent`},
	} {
		_, err := ParseMapping("c.yaml", []byte(strings.Replace(keyed, old, tc.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.new, err, tc.want)
		}
	}
}

func TestStrictChecksWhatIsNotMapped(t *testing.T) {
	src := strings.Replace(keyed, "resource: Claim", "resource: Claim\nstrict: true", 1)
	for text, strict := range map[string]bool{keyed: false, src: true} {
		m, err := ParseMapping("c.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile([]*Mapping{m})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{`"z":"\x"`, "\"z\":{\"\x01\":1}", "\"z\":[\"\xff\"]"} {
			if r := flatten(t, p, claimLine(bad)); len(r.Rejects) == 1 != strict {
				t.Errorf("strict %v: %q gave %v", strict, bad, r.Rejects)
			}
		}
	}
}

func TestValuesThatDoNotFitAreAllCounted(t *testing.T) {
	p := claimPlan(t, []string{"x | x | integer"})
	r := flatten(t, p, strings.Repeat(claimLine(`"x":"1"`), 100)+strings.Repeat(claimLine(`"x":0.5`), 50))
	want := []ValueCount{{"claim", "x", ValueNotNumber, 100}, {"claim", "x", ValueOutOfRange, 50}}
	if diff := cmp.Diff(want, r.Counts); diff != "" || len(r.Values) != 2*maxValueRejects || r.Values[19].Line != 20 || r.Values[20].Line != 101 {
		t.Errorf("%s, %d values", diff, len(r.Values))
	}
}

package transform

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// traced lists the leaves of a line as "path=value", those that reach a column and
// those that do not.
func traced(t testing.TB, p *Plan, line string) (reached, unreached []string) {
	t.Helper()
	line = strings.TrimSpace(line)
	_, reason := p.NewTracer().Trace([]byte(line), func(l Leaf) {
		text := string(l.Path) + "=" + line[l.Start:l.End]
		if l.Reached {
			reached = append(reached, text)
		} else {
			unreached = append(unreached, text)
		}
	})
	if reason != "" {
		t.Fatalf("%s: %s", reason, line)
	}
	return reached, unreached
}

func TestLeavesThatReachAColumn(t *testing.T) {
	for name, tc := range map[string]struct {
		columns   []string
		tables    []string
		doc, lost string
	}{
		"a scalar":                                   {[]string{"x | a | code"}, nil, `"a":"1","b":"2"`, `b="2"`},
		"null is no leaf":                            {[]string{"x | a | code"}, nil, `"a":null,"b":null`, ``},
		"all inside of JSON":                         {[]string{"x | a | json"}, nil, `"a":{"b":[1,{"c":true}]},"d":{"b":1}`, `d.b=1`},
		"an object in a text column":                 {[]string{"x | a | string"}, nil, `"a":{"b":1}`, `a.b=1`},
		"a value of the wrong type":                  {[]string{"x | a | boolean"}, nil, `"a":"true"`, `a="true"`},
		"a date that is none":                        {[]string{"x | a | date"}, nil, `"a":"soon"`, `a="soon"`},
		"a number that does not fit":                 {[]string{"x | a | decimal(4,2)"}, nil, `"a":1.234`, `a=1.234`},
		"the first of repeated keys":                 {[]string{"x | a | code"}, nil, `"a":"1","a":"2"`, `a="2"`},
		"a list":                                     {[]string{"x | a | list(code)"}, nil, `"a":["1",2,"3"]`, `a.#=2`},
		"a list of each element":                     {[]string{"x | a.#.b | list(code)"}, nil, `"a":[{"b":"1"},{"c":"2"}]`, `a.#.c="2"`},
		"one element of an array":                    {[]string{"x | a.0.b | code"}, nil, `"a":[{"b":"1"},{"b":"2"}]`, `a.#.b="2"`},
		"the alternative that is taken":              {[]string{"x | [a, b] | code"}, nil, `"a":"1","b":"2"`, `b="2"`},
		"the url that selects":                       {[]string{`x | e.#(url=="u").v | code`}, nil, `"e":[{"url":"u","v":"1"},{"url":"w","v":"2"}]`, `e.#.url="w" e.#.v="2"`},
		"the url without the value":                  {[]string{`x | e.#(url=="u").v | code`}, nil, `"e":[{"url":"u","w":"1"}]`, `e.#.url="u" e.#.w="1"`},
		"the urls of nested extensions":              {[]string{`x | e.#(url=="u").e.#(url=="v").c | code`}, nil, `"e":[{"url":"u","e":[{"url":"v","c":"1"}]}]`, ``},
		"a filter inside a filter":                   {[]string{`x | i.#(t.c.#(k=="MB")).v | code`}, nil, `"i":[{"t":{"c":[{"k":"x"},{"k":"MB","s":"y"}]},"v":"1"}]`, `i.#.t.c.#.k="x" i.#.t.c.#.s="y"`},
		"a pattern selects too":                      {[]string{`x | e.#(url%"u*").v | code`}, nil, `"e":[{"url":"u1","v":"1"}]`, ``},
		"other than is no selection":                 {[]string{`x | e.#(url!="u").v | code`}, nil, `"e":[{"url":"w","v":"1"}]`, `e.#.url="w"`},
		"display with its code":                      {[]string{"x | a | Coding"}, nil, `"a":{"code":"1","display":"one","version":"9"},"b":{"code":"2","display":"two"}`, `a.version="9" b.code="2" b.display="two"`},
		"rows":                                       {nil, []string{"r: d\n x | b | code"}, `"d":[{"b":"1","c":"3"},{"b":"2"}]`, `d.#.c="3"`},
		"a single object as a row":                   {nil, []string{"r: d\n x | b | code"}, `"d":{"b":"1"}`, ``},
		"rows that are selected":                     {nil, []string{"r: 'd.#(s==\"y\")#'\n x | b | code"}, `"d":[{"s":"x","b":"1"},{"s":"y","b":"2"},{"b":"3","s":"y"}]`, `d.#.s="x" d.#.b="1"`},
		"what a child row takes of its parent":       {nil, []string{"r: d.#.e\n x | ^.b | code\n y | c | code"}, `"d":[{"b":"1","e":[{"c":"2"}]},{"b":"3"}]`, `d.#.b="3"`},
		"contained, and the way there":               {[]string{"x | p.@contained.name | code"}, nil, `"p":{"reference":"#1"},"contained":[{"resourceType":"Organization","id":"1","name":"n","alias":"m"},{"id":"2","name":"o"}]`, `contained.#.alias="m" contained.#.id="2" contained.#.name="o"`},
		"gjson: wildcard":                            {[]string{"x | a.b* | json"}, nil, `"a":{"c":1,"bb":2}`, `a.c=1`},
		"gjson: all matches":                         {[]string{`x | a.#(s=="y")#.c | json`}, nil, `"a":[{"s":"y","c":1},{"s":"z","c":2}]`, `a.#.s="y" a.#.s="z" a.#.c=2`},
		"a key that is no element name is not shown": {nil, nil, `"Ann Smith":1,"_birthDate":{"id":"x"}`, `?=1 _birthDate.id="x"`},
		"a precision does not hold the date":         {[]string{"x | a | date, precision: true"}, nil, `"a":"2019-05"`, ``},
		"positions hold nothing":                     {nil, []string{"r: d\n x | @position | integer"}, `"d":[{"b":"1"}]`, `d.#.b="1"`},
		"counts hold nothing":                        {[]string{"x | a.# | integer"}, nil, `"a":[1,2]`, `a.#=1 a.#=2`},
	} {
		t.Run(name, func(t *testing.T) {
			_, lost := traced(t, claimPlan(t, tc.columns, tc.tables...), claimLine(tc.doc))
			if got := strings.Join(lost, " "); got != tc.lost {
				t.Errorf("unreached: %s\nwant:      %s", got, tc.lost)
			}
		})
	}
}

func TestTraceSaysWhatCannotBeUsed(t *testing.T) {
	for name, tc := range map[string]struct{ line, typ, reason string }{
		"not JSON":                {`{"resourceType":"Claim","id":x}`, "Claim", ReasonNotJSON},
		"bad where nothing is":    {`{"resourceType":"Claim","id":"1","z":"` + "\x01" + `"}`, "Claim", ReasonControl},
		"no type":                 {`{"id":"1"}`, "", ReasonNoType},
		"a type without mapping":  {`{"resourceType":"Basic","id":"1"}`, "Basic", ""},
		"broken, without mapping": {`{"resourceType":"Basic","id":"1}`, "Basic", ReasonTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			typ, reason := claimPlan(t, nil).NewTracer().Trace([]byte(tc.line), func(Leaf) {})
			if typ != tc.typ || reason != tc.reason {
				t.Errorf("%q, %q; want %q, %q", typ, reason, tc.typ, tc.reason)
			}
		})
	}
}

func TestNarrativeIsApart(t *testing.T) {
	line := strings.TrimSpace(claimLine(`"text":{"status":"generated","div":"<div/>"},"contained":[{"id":"1","text":{"div":"<div/>"}}],"a":{"text":{"div":"x"}}`))
	var got []string
	claimPlan(t, nil).NewTracer().Trace([]byte(line), func(l Leaf) {
		if l.Narrative {
			got = append(got, string(l.Path))
		}
	})
	if diff := cmp.Diff([]string{"text.status", "text.div", "contained.#.text.div"}, got); diff != "" {
		t.Error(diff)
	}
}

var numbers = regexp.MustCompile(`\d+`)

// unique draws a document whose scalars are numbers that occur once.
func unique(d dice, depth int, next *int) string {
	var parts []string
	n := 3
	if depth > 0 {
		n = d.IntN(4)
	}
	for range d.IntN(4) {
		switch n {
		case 0, 1:
			parts = append(parts, d.pick(`"a"`, `"b"`, `"c"`, `"k"`, `"\u0061"`)+":"+unique(d, depth-1, next))
		case 2:
			parts = append(parts, unique(d, depth-1, next))
		}
	}
	switch n {
	case 0, 1:
		return "{" + strings.Join(parts, ",") + "}"
	case 2:
		return "[" + strings.Join(parts, ",") + "]"
	}
	*next++
	return fmt.Sprint(*next)
}

// Whatever the document and the paths, the leaves that are reached are the values
// that the columns contain.
func TestReachedIsWhatColumnsContain(t *testing.T) {
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := dice{rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))}
		path := func() string {
			return strings.Join([]string{d.pick("a", "b", "c", "0", "a*"), d.pick("a", "b", "k", "1", "#(k>=0)"), d.pick("a", "b", "c")}[:1+d.IntN(3)], ".")
		}
		var columns []string
		for i := range 4 {
			columns = append(columns, fmt.Sprintf("x%d | d.%s | json", i, path()))
		}
		columns = append(columns, "l | d.#.a | list(integer)", "m | [d.a.b, d.b.a] | integer")
		plan := claimPlan(t, columns, "r: d\n x | a | json\n y | b.c | int64", "s: d.#.a, d.b\n x | ^.b | json\n y | b | list(integer)")
		next := 100
		line := strings.Replace(claimLine(`"d":`+unique(d, 5, &next)), `"c1"`, `"c"`, 1)
		contained := map[string]bool{}
		r := flatten(t, plan, line)
		for _, table := range []string{"claim", "r", "s"} {
			for _, row := range rows(r, table) {
				for _, n := range numbers.FindAllString(strings.ReplaceAll(row, `\u0061`, "a"), -1) {
					contained[n] = true
				}
			}
		}
		all, _ := traced(t, plan, line)
		var reached []string
		for _, leaf := range all {
			if _, value, _ := strings.Cut(leaf, "="); numbers.MatchString(value) {
				reached = append(reached, value)
			}
		}
		slices.Sort(reached)
		found += len(reached)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(contained)), reached); diff != "" {
			rt.Fatalf("%s%v\n%s", line, columns, diff)
		}
	})
	if found == 0 {
		t.Error("nothing was there to compare")
	}
}

func FuzzTrace(f *testing.F) {
	f.Add(`{"resourceType":"Claim","id":"1","a":{"b":[1,{"c":"\u0041"}]},"d":[{"b":1}]}`)
	f.Add(`{"resourceType":"Claim","id":"1","contained":[{"id":"x"}],"p":{"reference":"#x"}}`)
	plan := claimPlan(f, []string{`x | a.b.#(c=="A").c | json`, "y | p.@contained.id | code", "z | a.b* | json"}, "r: d\n x | b | json")
	f.Fuzz(func(t *testing.T, line string) {
		_, _ = plan.NewTracer().Trace([]byte(line), func(l Leaf) {
			if l.Start >= l.End || l.End > len(line) {
				t.Fatalf("a leaf from %d to %d", l.Start, l.End)
			}
		})
	})
}

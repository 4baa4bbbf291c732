package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// claimPlan compiles a mapping of Claim whose root table has the given columns
// (see writeColumns) and id, and whose other tables are as given.
func claimPlan(t testing.TB, columns []string, tables ...string) *Plan {
	t.Helper()
	var b strings.Builder
	b.WriteString("resource: Claim\ndescription: Claims.\ntables:\n  - name: claim\n    description: Claims.\n    key: [id]\n    columns:\n")
	writeColumns(&b, append([]string{"id | id | id"}, columns...))
	for _, table := range tables {
		lines := strings.Split(strings.TrimSpace(table), "\n")
		name, rows, _ := strings.Cut(strings.TrimSpace(lines[0]), ": ")
		fmt.Fprintf(&b, "  - name: %s\n    description: Rows.\n    rows: [%s]\n    key: [claim_id]\n    columns:\n", name, rows)
		writeColumns(&b, append([]string{"claim_id | $.id | id"}, lines[1:]...))
	}
	m, err := ParseMapping("claim.yaml", []byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	p, err := Compile([]*Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// writeColumns writes columns given as "name path type", separated by bars with
// spaces around them; a path such as [a, b] is a list of alternatives.
func writeColumns(b *strings.Builder, columns []string) {
	for _, c := range columns {
		f := strings.SplitN(strings.TrimSpace(c), " | ", 3)
		path := "'" + strings.ReplaceAll(f[1], "'", "''") + "'"
		if strings.HasPrefix(f[1], "[") && strings.Contains(f[1], ", ") {
			path = f[1]
		}
		fmt.Fprintf(b, "      - name: %s\n        path: %s\n        type: %s\n        description: d\n",
			f[0], path, strings.ReplaceAll(f[2], ", ", "\n        "))
	}
}

func origin() lineage.Origin {
	return lineage.Origin{
		Source: "payer", RunID: "run-1", FileID: "file-1",
		RetrievedAt: time.Unix(10, 0).UTC(), TransactionTime: time.Unix(20, 0).UTC(),
	}
}

// flatten flattens lines as one page and checks that no memory leaks.
func flatten(t testing.TB, p *Plan, data string) *Result {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	r, err := p.NewFlattener(mem).Flatten(lineage.Page{Origin: origin(), First: 1, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Release(); mem.AssertSize(t, 0) })
	return r
}

// rows writes the rows of a table without lineage columns, values between bars.
func rows(r *Result, name string) []string {
	var list []string
	for _, b := range r.Batches {
		if v, _ := b.Schema().Metadata().GetValue("claimlake.table"); v != name {
			continue
		}
		for i := range int(b.NumRows()) {
			var values []string
			for _, c := range b.Columns()[:int(b.NumCols())-len(lineage.Fields())] {
				v := c.ValueStr(i)
				if c.IsNull(i) {
					v = "-"
				}
				values = append(values, v)
			}
			list = append(list, strings.Join(values, "|"))
		}
	}
	return list
}

func equalRows(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("rows\n%s\nwant\n%s", g, w)
	}
}

// claimLine is a Claim with id c1 and the given members.
func claimLine(members string) string {
	return `{"resourceType":"Claim","id":"c1",` + members + "}\n"
}

func TestPaths(t *testing.T) {
	for name, tc := range map[string]struct{ path, doc, want string }{
		"key":                                  {"a", `"a":"x"`, `"x"`},
		"key in key":                           {"a.b", `"a":{"z":[1,{"b":0}],"b":"x"}`, `"x"`},
		"missing":                              {"a.b", `"a":{"c":1}`, "-"},
		"null is null":                         {"a", `"a":null`, "-"},
		"empty string stays":                   {"a", `"a":""`, `""`},
		"index":                                {"a.1", `"a":["x","y"]`, `"y"`},
		"index beyond the end":                 {"a.2", `"a":["x","y"]`, "-"},
		"an index is a key of an object":       {"a.1", `"a":{"1":"y"}`, `"y"`},
		"a key does not look into an array":    {"a.b", `"a":[{"b":1}]`, "-"},
		"count":                                {"a.#", `"a":[1,{},[2,3]]`, "3"},
		"count of none":                        {"a.#", `"a":[]`, "0"},
		"count of what is no array":            {"a.#", `"a":{"b":1}`, "-"},
		"sub-tree":                             {"a", `"a": { "b" : [1, 2] }`, `{ "b" : [1, 2] }`},
		"filter":                               {`a.#(s=="y").c`, `"a":[{"s":"x","c":1},{"s":"y","c":2}]`, "2"},
		"filter key after the value":           {`a.#(s=="y").c`, `"a":[{"c":1,"s":"x"},{"c":2,"s":"y"}]`, "2"},
		"first match only":                     {`a.#(s=="y").c`, `"a":[{"s":"y"},{"s":"y","c":2}]`, "-"},
		"filter gives the element":             {`a.#(s=="y")`, `"a":[{"s":"x"},{"s":"y"}]`, `{"s":"y"}`},
		"filter on a path":                     {`a.#(b.s=="y").c`, `"a":[{"c":1,"b":{"s":"y"}}]`, "1"},
		"filter on a number":                   {`a.#(n==2).c`, `"a":[{"n":1,"c":1},{"n":2.0,"c":2}]`, "2"},
		"filter on a boolean":                  {`a.#(f==true).c`, `"a":[{"f":false,"c":1},{"f":true,"c":2}]`, "2"},
		"filter on more than":                  {`a.#(n>1).c`, `"a":[{"n":1,"c":1},{"n":2,"c":2}]`, "2"},
		"filter on another value":              {`a.#(s!="x").c`, `"a":[{"c":0},{"s":"x","c":1},{"s":"y","c":2}]`, "2"},
		"filter on a pattern":                  {`a.#(s%"y*").c`, `"a":[{"s":"xy","c":1},{"s":"yx","c":2}]`, "2"},
		"filter on existence":                  {`a.#(s).c`, `"a":[{"c":1},{"s":null,"c":2}]`, "2"},
		"filter in a filter":                   {`a.#(b.c.#(s=="y")).d`, `"a":[{"b":{"c":[{"s":"x"}]},"d":1},{"d":2,"b":{"c":[{"s":"x"},{"s":"y"}]}}]`, "2"},
		"filter after a filter":                {`a.#(s=="y").b.#(s=="z").c`, `"a":[{"b":[{"s":"z","c":7}],"s":"y"}]`, "7"},
		"filter with an URL":                   {`a.#(s=="https://h/x.y|1").c`, `"a":[{"s":"https://h/x.y|1","c":2}]`, "2"},
		"filter compares decoded text":         {`a.#(s=="y\u0022")`, `"a":[]`, "-"},
		"escaped value in a filter":            {`a.#(s=="é").c`, `"a":[{"s":"\u00e9","c":2}]`, "2"},
		"escaped key":                          {"a.b", `"a":{"\u0062":"x"}`, `"x"`},
		"dot in a key":                         {`a\.b`, `"a.b":"x"`, `"x"`},
		"of repeated keys the first":           {"a", `"a":1,"a":2`, "1"},
		"the next if the first lacks the rest": {"a.b", `"a":{},"a":{"b":2}`, "2"},
		"gjson: wildcard":                      {"a.b*", `"a":{"c":1,"bb":2}`, "2"},
		"gjson: all matches":                   {`a.#(s=="y")#.c`, `"a":[{"s":"y","c":1},{"s":"y","c":2}]`, "[1,2]"},
		"gjson: of each":                       {"a.#.c", `"a":[{"c":1},{"d":1},{"c":2}]`, "[1,2]"},
		"gjson: modifier":                      {"a|@reverse", `"a":[1,2]`, "[2,1]"},
		"gjson: multipath":                     {"[a,b]", `"a":1,"b":2`, "[1,2]"},
		"gjson after a repeated key":           {"a.b*", `"a":{},"a":{"bb":2}`, "2"},
		"gjson after a repeated key, null":     {"a.b*", `"a":null,"a":{"bb":2}`, "2"},
		"white space anywhere":                 {"a.b", "\"a\" :\t{ \"z\" : [ 1 , { } ] , \"b\" : 2 }", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			p := claimPlan(t, []string{"x | " + tc.path + " | json"})
			equalRows(t, rows(flatten(t, p, claimLine(tc.doc)), "claim"), "c1|"+tc.want)
		})
	}
}

func TestTypes(t *testing.T) {
	for name, tc := range map[string]struct{ column, value, want, reason string }{
		"string":                          {"x | x | string", `"a\n\u00e9\ud83d\ude00\/"`, "a\né😀/", ""},
		"lone surrogates":                 {"x | x | string", `"\ud800a\udc00\ud800\u0041"`, "\ufffda\ufffd\ufffdA", ""},
		"string from a number":            {"x | x | string", `1`, "-", ValueNotText},
		"code":                            {"x | x | code", `"a"`, "a", ""},
		"code from an object":             {"x | x | code", `{}`, "-", ValueNotText},
		"boolean":                         {"x | x | boolean", `false`, "false", ""},
		"boolean from a string":           {"x | x | boolean", `"true"`, "-", ValueNotBoolean},
		"integer":                         {"x | x | integer", `-7`, "-7", ""},
		"integer written otherwise":       {"x | x | integer", `1.20e1`, "12", ""},
		"integer with a fraction":         {"x | x | integer", `1.5`, "-", ValueOutOfRange},
		"integer of more than 32 bits":    {"x | x | integer", `2147483648`, "-", ValueOutOfRange},
		"integer from a string":           {"x | x | integer", `"1"`, "-", ValueNotNumber},
		"int64":                           {"x | x | int64", `-9223372036854775808`, "-9223372036854775808", ""},
		"int64 of 20 digits":              {"x | x | int64", `12345678901234567890`, "-", ValueOutOfRange},
		"decimal":                         {"x | x | decimal(18,4)", `1.10`, "1.1", ""},
		"decimal that float would round":  {"x | x | decimal(18,4)", `90071992547409.9301`, "90071992547409.9301", ""},
		"decimal with too many digits":    {"x | x | decimal(18,4)", `0.00001`, "-", ValueOutOfRange},
		"decimal from a string":           {"x | x | decimal(18,4)", `"1.10"`, "-", ValueNotNumber},
		"date":                            {"x | x | date", `"2019-05"`, "2019-05-01", ""},
		"date of a dateTime, as written":  {"x | x | date", `"2024-03-01T00:30:00+02:00"`, "2024-03-01", ""},
		"no date":                         {"x | x | date", `"2023-02-29"`, "-", ValueNotDate},
		"dateTime":                        {"x | x | dateTime", `"2024-03-01T00:30:00.123456789+02:00"`, "2024-02-29 22:30:00.123456Z", ""},
		"dateTime without an offset":      {"x | x | dateTime", `"2024-03-01T00:30:00"`, "2024-03-01 00:30:00Z", ""},
		"date before 1970":                {"x | x | dateTime", `"1931-12-31"`, "1931-12-31 00:00:00Z", ""},
		"precision":                       {"x | x | date, precision: true", `"2019-05"`, "2019-05-01|month", ""},
		"reference":                       {"x | x | reference", `"Patient/1"`, "1", ""},
		"reference by URL":                {"x | x | reference", `"https://h/fhir/Patient/1/_history/3"`, "1", ""},
		"reference to contained":          {"x | x | reference", `"#1"`, "-", ""},
		"raw reference":                   {"x | x | reference_raw", `"urn:uuid:1"`, "urn:uuid:1", ""},
		"no raw reference for Type/id":    {"x | x | reference_raw", `"Patient/1"`, "-", ""},
		"json":                            {"x | x | json", `"a\n"`, `"a\n"`, ""},
		"list of integers":                {"x | x | list(integer)", `[1, 2]`, "[1,2]", ""},
		"list of one that is no list":     {"x | x | list(integer)", `3`, "[3]", ""},
		"list with a wrong element":       {"x | x | list(integer)", `[1,"2"]`, "[1,null]", ValueNotList},
		"list of strings":                 {"x | x | list(string)", `["a","\u00e9"]`, `["a","é"]`, ""},
		"list of codes":                   {"x | x | list(code)", `["a"]`, `["a"]`, ""},
		"empty list":                      {"x | x | list(code)", `[]`, `[]`, ""},
		"list of each element":            {"x | x.#.a | list(code)", `[{"a":"1"},{},{"a":"2"},{"a":null}]`, `["1","2",null]`, ""},
		"list of no element":              {"x | x.#.a | list(code)", `[{}]`, `[]`, ""},
		"list of an empty array":          {"x | x.#.a | list(code)", `[]`, `[]`, ""},
		"list of what is no array":        {"x | x.#.a | list(code)", `{"a":"1"}`, "-", ""},
		"list of lists is one list":       {"x | x.#.coding.#.code | list(code)", `[{"coding":[{"code":"1"},{"code":"2"}]},{},{"coding":[]},{"coding":[{"code":"3"}]}]`, `["1","2","3"]`, ""},
		"list after an index":             {"x | x.1.a.#.b | list(integer)", `[{"a":[{"b":1}]},{"a":[{"b":2},{"b":3}]}]`, "[2,3]", ""},
		"list after a filter":             {`x | x.#(k=="y").a.#.b | list(integer)`, `[{"a":[{"b":1}]},{"a":[{"b":2},{"b":3}],"k":"y"}]`, "[2,3]", ""},
		"list of filtered values":         {`x | x.#.a.#(k=="y").b | list(integer)`, `[{"a":[{"k":"y","b":1},{"k":"y","b":2}]},{"a":[{"k":"x","b":3},{"b":4,"k":"y"}]}]`, "[1,4]", ""},
		"list of counts":                  {"x | x.#.a.# | list(integer)", `[{"a":[0,0]},{"a":[]}]`, "[2,0]", ""},
		"list with an object":             {"x | x.#.a | list(code)", `[{"a":{}},{"a":"1"}]`, `[null,"1"]`, ValueNotList},
		"list of the next alternative":    {"x | [x.a.#.c, x.b.#.c] | list(code)", `{"b":[{"c":"1"}]}`, `["1"]`, ""},
		"joined of each element":          {`x | x.#.a | string, join: "; "`, `[{"a":"1"},{"a":"2"}]`, "1; 2", ""},
		"without characters":              {`x | x | code, without: ".-"`, `"S06.0-X1\u002eA"`, "S060X1A", ""},
		"without characters, nothing":     {`x | x | string, without: "."`, `"."`, "-", ""},
		"without characters, a number":    {`x | x | string, without: "."`, `1.5`, "-", ValueNotText},
		"rounded":                         {"x | x | rounded(18,4)", `28.104000000000003`, "28.104", ValueRounded},
		"rounded from a string":           {"x | x | rounded(18,4)", `"1"`, "-", ValueNotNumber},
		"joined":                          {`x | x | string, join: " "`, `["Ann","Mary \"M\""]`, `Ann Mary "M"`, ""},
		"CodeableConcept":                 {"x | x | CodeableConcept", `{"coding":[{"system":"s","code":"c"},{"code":"d"}],"text":"t"}`, "c|s|-|t", ""},
		"Money of STU3":                   {"x | [x.a, x.b] | Money", `{"a":{"value":1.5,"code":"USD"},"b":{"value":2,"currency":"EUR"}}`, "1.5|USD", ""},
		"Money without a currency":        {"x | [x.a, x.b] | Money", `{"a":{"value":1.5},"b":{"value":2,"currency":"EUR"}}`, "1.5|-", ""},
		"Money":                           {"x | x | Money", `{"value":1.5,"currency":"USD"}`, "1.5|USD", ""},
		"Period":                          {"x | x | Period", `{"start":"2019","end":"2020-01-02"}`, "2019-01-01|2020-01-02", ""},
		"Reference":                       {"x | x | Reference", `{"reference":"urn:uuid:1","identifier":{"value":"9"}}`, "1|urn:uuid:1|-|9|-", ""},
		"Reference that says no id":       {"x | x | Reference", `{"reference":"Patient?name=9"}`, "-|Patient?name=9|-|-|-", ValueNoReference},
		"Reference to within":             {"x | x | Reference", `{"reference":"#9"}`, "-|#9|-|-|-", ""},
		"alternatives":                    {"x | [y, x] | integer", `1`, "1", ""},
		"choice":                          {"x | [y, x.start] | date, choice: true", `{"start":"2020"}`, "2020-01-01|x.start", ""},
		"composite alternatives stay one": {"x | [x.a, x.b] | Coding", `{"b":{"code":"b","system":"s"},"a":{"code":"a"}}`, "a|-|-", ""},
		"null gives way":                  {"x | [x.a, x.b] | integer", `{"a":null,"b":2}`, "2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := flatten(t, claimPlan(t, []string{tc.column}), claimLine(`"x":`+tc.value))
			equalRows(t, rows(r, "claim"), "c1|"+tc.want)
			reason := ""
			if len(r.Values) > 0 {
				reason = r.Values[0].Reason
			}
			if reason != tc.reason || len(r.Counts) != len(r.Values) {
				t.Errorf("rejected %v, want %q", r.Values, tc.reason)
			}
		})
	}
}

const items = `item: item, item.#.detail, item.#.detail.#.subDetail
	path | @path | string
	level | @level | integer
	position | @position | integer
	seq | sequence | integer
	parent | ^.sequence | integer
	patient | $.patient.reference | reference
	submitted | adjudication.#(category.coding.#(code=="submitted")).amount.value | decimal(18,4)`

const adjudications = `adjudication: item.#.adjudication, item.#.detail.#.adjudication
	path | ^@path | string
	position | @position | integer
	amount | amount.value | decimal(18,4)
	seq | ^.sequence | integer`

func TestRows(t *testing.T) {
	p := claimPlan(t, nil, items, adjudications)
	r := flatten(t, p, claimLine(`"item":[{"adjudication":[{"amount":{"value":1}},{"amount":{"value":2},"category":{"coding":[{"code":"x"},{"code":"submitted"}]}}],`+
		`"detail":[{"sequence":11,"subDetail":{"sequence":111},"adjudication":[{"amount":{"value":3}}]},{"sequence":12}],"sequence":1},`+
		`null,7,{"sequence":2}],"item":[{"sequence":9}],"patient":{"reference":"Patient/p"}`))
	equalRows(t, rows(r, "item"),
		"c1|1|1|1|1|-|p|2", "c1|1.1|2|1|11|1|p|-", "c1|1.1.1|3|1|111|11|p|-", "c1|1.2|2|2|12|1|p|-", "c1|4|1|4|2|-|p|-")
	equalRows(t, rows(r, "adjudication"), "c1|1|1|1|1", "c1|1|2|2|1", "c1|1.1|1|3|11")
}

func TestRowsOfOneObjectOrOfScalars(t *testing.T) {
	p := claimPlan(t, []string{"seq | item.sequence | integer", `f | item.#(sequence==1).x | integer`}, items,
		"profile: meta.profile\n url | @this | string\n nr | @position | integer",
		"race: extension.#(url==\"race\").extension\n url | url | string\n parent | ^.url | string",
		"all: extension.#(url==\"race\")#.extension\n url | url | string")
	r := flatten(t, p, claimLine(`"item":{"sequence":1,"x":5,"detail":[{"sequence":2}]},"meta":{"profile":["a",null,"b"]},`+
		`"extension":[{"extension":[{"url":"no"}],"url":"other"},{"extension":[{"url":"yes"}],"url":"race"},{"url":"race","extension":[{"url":"second"}]}]`))
	equalRows(t, rows(r, "claim"), "c1|1|-")
	equalRows(t, rows(r, "item"), "c1|1|1|1|1|-|-|-", "c1|1.1|2|1|2|1|-|-")
	equalRows(t, rows(r, "profile"), "c1|a|1", "c1|b|3")
	equalRows(t, rows(r, "race"), "c1|yes|race")
	equalRows(t, rows(r, "all"), "c1|yes", "c1|second")
}

const keyed = `resource: Claim
description: c
tables:
  - name: claim
    description: c
    key: id
    columns: [{name: id, path: id, type: id, description: d}]
  - name: part
    description: c
    rows: a
    key: [claim_id, n]
    columns:
      - {name: claim_id, path: $.id, type: id, description: d}
      - {name: n, path: n, type: integer, description: d}
`

func TestKeyColumnsAreNeverNull(t *testing.T) {
	m, err := ParseMapping("c.yaml", []byte(keyed))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile([]*Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	r := flatten(t, p, claimLine(`"a":[{"n":1},{}]`))
	equalRows(t, rows(r, "part"), "c1|1", "c1|0")
	if len(r.Values) != 1 || r.Values[0] != (ValueReject{Table: "part", Column: "n", Line: 1, Reason: ValueMissingKey}) {
		t.Errorf("rejected %v", r.Values)
	}
}

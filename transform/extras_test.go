package transform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

// extrasPlan compiles a mapping of Claim that keeps extras.
func extrasPlan(t testing.TB, columns ...string) *Plan {
	t.Helper()
	var b strings.Builder
	b.WriteString("resource: Claim\nextras: keep\ntables:\n  - name: claim\n    description: Claims.\n    key: [id]\n    columns:\n")
	writeColumns(&b, append([]string{"id | id | id"}, columns...))
	m, err := ParseMapping("claim.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile([]*Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExtras(t *testing.T) {
	for name, tc := range map[string]struct{ doc, want string }{
		"nothing is left":                  {`"a":{"b":1}`, "1|-"},
		"a value":                          {`"a":{"b":1,"c":"x\n"}`, `1|{"a":{"c":"x\n"}}`},
		"places in arrays are kept":        {`"a":{"b":1},"l":[{"v":1,"w":2},{"v":3},{"w":4}]`, `1|{"l":[{"w":2},null,{"w":4}]}`},
		"an array that begins with nulls":  {`"a":{"b":1},"l":[{"v":1},{"v":3,"w":4},{"v":5}]`, `1|{"l":[null,{"w":4}]}`},
		"null, and what is empty, is not":  {`"a":{"b":1,"c":null,"d":{},"e":[[]]}`, "1|-"},
		"a value of the wrong type":        {`"a":{"b":"x"}`, `-|{"a":{"b":"x"}}`},
		"a repeated key":                   {`"a":{"b":1,"b":2}`, `1|{"a":{"b":2}}`},
		"as it was written":                {`"a" : { "b" : 1 , "c" : [ 1.50 , "é" ] }`, `1|{"a":{"c":[1.50,"é"]}}`},
		"an escaped key":                   {`"a":{"b":1,"\"":true}`, `1|{"a":{"\"":true}}`},
		"the type of a contained resource": {`"a":{"b":1},"contained":[{"resourceType":"Basic","id":"x"}]`, `1|{"contained":[{"id":"x"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := extrasPlan(t, "x | a.b | integer", "v | l.#.v | list(integer)")
			var got []string
			for _, row := range rows(flatten(t, p, "\n"+claimLine(tc.doc)+claimLine(tc.doc)), "claim") {
				f := strings.SplitN(row, "|", 4)
				got = append(got, f[1]+"|"+f[3])
			}
			if diff := cmp.Diff([]string{tc.want, tc.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the document, each leaf is in the extras at its own path or reaches
// another column, and never both.
func TestExtrasAreTheRest(t *testing.T) {
	p := extrasPlan(t, "x | d.a | json", "l | d.#.b | list(integer)", "y | d.c.0 | integer")
	rapid.Check(t, func(rt *rapid.T) {
		d := dice{rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 4))}
		next := 0
		line := claimLine(`"d":` + strings.ReplaceAll(unique(d, 5, &next), `\u0061`, "a"))
		extras := ""
		for _, row := range rows(flatten(t, p, line), "claim") {
			extras = row[strings.LastIndexByte(row, '|')+1:]
		}
		_, lost := traced(t, p, line)
		for _, leaf := range lost {
			_, value, _ := strings.Cut(leaf, "=")
			if !strings.Contains(extras, value) {
				rt.Fatalf("%s is lost: %s%s", leaf, line, extras)
			}
		}
		count := 0
		var walk func(r gjson.Result)
		walk = func(r gjson.Result) {
			if r.IsObject() || r.IsArray() {
				r.ForEach(func(_, v gjson.Result) bool { walk(v); return true })
			} else if r.Exists() && r.Type != gjson.Null {
				count++
			}
		}
		if extras != "-" && !gjson.Valid(extras) {
			rt.Fatalf("not JSON: %s", extras)
		}
		if walk(gjson.Parse(strings.TrimPrefix(extras, "-"))); count != len(lost) {
			rt.Fatalf("%d values in the extras, %d are unreached: %s%s", count, len(lost), line, extras)
		}
	})
}

func TestExtrasAreJSONToTheLastByte(t *testing.T) {
	r := flatten(t, extrasPlan(t), claimLine(`"z":"`+"\x01"+`"`))
	if len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonControl {
		t.Errorf("rejects %v", r.Rejects)
	}
}

func TestExtrasMistakes(t *testing.T) {
	const rest = "tables: [{name: claim, description: d, key: id, columns: [{name: id, path: id, type: id, description: d}, {name: %s, path: a, type: json, description: d}]}]"
	for name, tc := range map[string]struct{ src, want string }{
		"another word":   {"resource: Claim\nextras: drop\n" + fmt.Sprintf(rest, "a"), `m.yaml:2:9: extras is "drop"`},
		"its own column": {"resource: Claim\nextras: keep\n" + fmt.Sprintf(rest, "extras"), `column "extras" is there twice`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseMapping("m.yaml", []byte(tc.src)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v; want %s", err, tc.want)
			}
		})
	}
}

func BenchmarkTrace(b *testing.B) {
	line := strings.TrimSpace(claimLine(`"a":{"b":1},"item":[` + strings.Repeat(`{"sequence":1,"net":{"value":1.5,"currency":"USD"}},`, 200) + `{}]`))
	p := extrasPlan(b, "x | a.b | integer", "v | item.#.sequence | list(integer)")
	tracer := p.NewTracer()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		tracer.Trace([]byte(line), func(Leaf) {})
	}
}

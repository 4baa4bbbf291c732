package transform

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
)

// flattenLine flattens one line and gives the reason why it was rejected.
func flattenLine(t *testing.T, p *Plan, line string) string {
	t.Helper()
	r, err := p.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{First: 1, Data: []byte(line)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Rejects) > 0 {
		return r.Rejects[0].Reason
	}
	return ""
}

// A line is accepted where encoding/json accepts it, and, where every byte is
// mapped, nowhere else.
func FuzzFlatten(f *testing.F) {
	whole := claimPlan(f, []string{"all | @this | json", "x | a.#(b.#(c==1)).d | string", "n | a.# | integer"}, items, adjudications)
	sparse := claimPlan(f, []string{"x | a.#(b.#(c==1)).d | string", "y | a.0.b | decimal(9,2)", "z | z | list(string)", "d | d.* | date"}, items)
	for _, line := range []string{
		`{"resourceType":"Claim","id":"1","a":[{"b":[{"c":1}],"d":"x"}],"z":["\ud83d\ude00"]}`,
		`{"id":"1","resourceType":"Claim","item":{"detail":[{"sequence":1e2}]}}`, `[1,{}]`, `{"a":`, "{\"id\":\"\xff\"}", `{"resourceType":"Claim","id":"1","id":2}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.TrimPrefix(line, "\ufeff")
		if strings.ContainsAny(line, "\n\r") || strings.TrimSpace(line) == "" {
			return
		}
		reason, loose := flattenLine(t, whole, line), flattenLine(t, sparse, line)
		good := json.Valid([]byte(line)) && utf8.ValidString(line) && line[strings.IndexFunc(line, func(r rune) bool { return r > ' ' })] == '{'
		mapped := good && gjson.Get(line, "resourceType").Type == gjson.String && gjson.Get(line, "resourceType").Str == "Claim" &&
			gjson.Get(line, "id").Type == gjson.String && gjson.Get(line, "id").Raw != `""`
		if mapped && (reason != "" && reason != ReasonTooDeep || loose != "" && loose != ReasonTooDeep) {
			t.Errorf("rejected: %s, %s", reason, loose)
		}
		if strings.HasPrefix(line, `{"resourceType":"Claim"`) && !mapped && reason == "" {
			t.Error("accepted what encoding/json does not")
		}
	})
}

func FuzzPathEqualsGJSON(f *testing.F) {
	f.Add(`{"a":[{"k":"x","b":1}]}`, `a.#(k=="x").b`)
	f.Add(`{"a":{"b":1},"a":{"c":[1,2]}}`, `a.c.#`)
	f.Add(`[[{"\u0061":1e5}]]`, `0.#(a>1)`)
	f.Add(`{"a.b":[true]}`, `a\.b.#(==true)`)
	f.Fuzz(func(t *testing.T, doc, path string) {
		if !json.Valid([]byte(doc)) || !utf8.ValidString(doc) || !utf8.ValidString(path) || strings.ContainsAny(doc, "\n\r") || strings.ContainsAny(path, "\n\r\x00") || len(path) > 100 {
			return
		}
		path = "d." + path
		if _, err := parseSource(path, "", oneValue); err != nil || strings.Contains(path, "@") {
			return
		}
		spec := []columnSpec{{Name: "id", Path: list{"id"}, Type: "id", Description: "d"}, {Name: "x", Path: list{path}, Type: "json", Description: "d"}}
		m := &Mapping{Resource: "Claim", Tables: []tableSpec{{Name: "claim", Key: list{"id"}, Columns: spec}}}
		p, err := Compile([]*Mapping{m})
		if err != nil {
			t.Fatal(err)
		}
		comparePath(t, p, `{"resourceType":"Claim","id":"1","d":`+doc+`}`, path)
	})
}

func comparePath(t *testing.T, p *Plan, line, path string) {
	t.Helper()
	r, err := p.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{First: 1, Data: []byte(line)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Rejects) > 0 {
		if r.Rejects[0].Reason != ReasonTooDeep {
			t.Fatalf("rejected %s: %v", line, r.Rejects)
		}
		return
	}
	want, got := gjson.Get(line, path), r.Batches[0].Column(1)
	null := !want.Exists() || want.Type == gjson.Null
	if got.IsNull(0) != null || !null && want.Raw != "" && got.ValueStr(0) != want.Raw {
		t.Errorf("%s of %s:\n got %q, null %v\nwant %q", path, line, got.ValueStr(0), got.IsNull(0), want.Raw)
	}
}

package transform

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
)

// dice draws random documents and paths over few keys and values, so that they
// meet often.
type dice struct{ *rand.Rand }

func (d dice) pick(options ...string) string { return options[d.IntN(len(options))] }

func (d dice) space() string {
	if d.IntN(8) > 0 {
		return ""
	}
	return d.pick(" ", "\t", "  ", " \t ")
}

func (d dice) doc(depth int) string {
	n := d.IntN(4)
	if depth == 0 {
		n = 3
	}
	var parts []string
	switch {
	case n < 2:
		for range d.IntN(5) {
			parts = append(parts, d.space()+d.key()+d.space()+":"+d.space()+d.doc(depth-1)+d.space())
		}
		return "{" + d.space() + strings.Join(parts, ",") + "}"
	case n == 2:
		for range d.IntN(5) {
			parts = append(parts, d.space()+d.doc(depth-1)+d.space())
		}
		return "[" + d.space() + strings.Join(parts, ",") + "]"
	}
	return d.pick(`"x"`, `"y"`, `"\u0078"`, `"é"`, `""`, `"a\"}]"`, `"\\"`, "1", "2", "1.0", "-0", "1e2", "true", "false", "null", "20", `"😀\ud83d\ude00"`)
}

func (d dice) key() string {
	return d.pick(`"a"`, `"b"`, `"c"`, `"k"`, `"0"`, `"1"`, `"a.b"`, `"\u0061"`, `"un"`, `"unmapped"`, `"#"`)
}

func (d dice) path(depth int) string {
	parts := []string{d.step(depth)}
	for d.IntN(3) > 0 && len(parts) < 4 {
		parts = append(parts, d.step(depth))
	}
	return strings.Join(parts, ".")
}

func (d dice) step(depth int) string {
	switch n := d.IntN(20); {
	case n < 10 || depth == 0:
		return d.pick("a", "b", "c", "k", "0", "1", `a\.b`)
	case n < 17:
		return "#(" + d.path(depth-1) + d.pick("", `=="x"`, `=="y"`, "==1", "==true", "!=2", `>"x"`, ">=1", "<2", `%"*"`, `!%"x*"`, "=é", "==false") + ")"
	case n == 17:
		return "#"
	}
	return d.pick("a*", "?", "#(k==1)#", "@reverse", "@this", `[a,b]`, "a|b", `#(a==~true)`, "00", "#(=x)")
}

// checkEquality compares paths with gjson on each of docs, and gives the number of
// values that exist.
func checkEquality(t testing.TB, docs, paths []string) (found int) {
	t.Helper()
	var columns []string
	for i, p := range paths {
		columns = append(columns, fmt.Sprintf("x%d | %s | json", i, p))
	}
	plan := claimPlan(t, columns)
	data := "{\"resourceType\":\"Claim\",\"id\":\"1\",\"d\":" + strings.Join(docs, "}\n{\"resourceType\":\"Claim\",\"id\":\"1\",\"d\":") + "}"
	r, err := plan.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{First: 1, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Rejects) > 0 {
		t.Fatalf("%v: %s", r.Rejects[0], strings.Split(data, "\n")[r.Rejects[0].Line-1])
	}
	for i, line := range strings.Split(data, "\n") {
		for j, path := range paths {
			want, got := gjson.Get(line, path), r.Batches[0].Column(j+1)
			text := want.Raw
			if want.Exists() && text == "" {
				text = want.String()
			}
			null := !want.Exists() || want.Type == gjson.Null
			if !null {
				found++
			}
			if got.IsNull(i) != null || !null && got.ValueStr(i) != text {
				t.Fatalf("%s of %s:\n got %q, null %v\nwant %q", path, line, got.ValueStr(i), got.IsNull(i), text)
			}
		}
	}
	return found
}

// rounds is how often a test draws again; CLAIMLAKE_SOAK=1 asks for many.
func rounds(few, many uint64) uint64 {
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		return many
	}
	return few
}

// Whatever the document and the path, the scan finds what gjson finds.
func TestPathsEqualGJSON(t *testing.T) {
	found, pairs := 0, 0
	for seed := range rounds(300, 4000) {
		d := dice{rand.New(rand.NewPCG(seed, 1))}
		var docs, paths []string
		for range 40 {
			docs = append(docs, d.doc(5))
		}
		for range 25 {
			paths = append(paths, "d."+d.path(2))
		}
		found += checkEquality(t, docs, paths)
		pairs += len(docs) * len(paths)
	}
	t.Logf("%d pairs of document and path, %d with a value", pairs, found)
	if found < 10_000 {
		t.Errorf("only %d values were there to compare", found)
	}
}

// Whatever the document, a list has what gjson finds for each element of an array.
func TestListsEqualGJSON(t *testing.T) {
	found := 0
	for seed := range uint64(200) {
		d := dice{rand.New(rand.NewPCG(seed, 2))}
		var data strings.Builder
		for range 60 {
			doc := strings.ReplaceAll(d.doc(5), `"#"`, `"z"`) // to gjson # is also a key of that name
			data.WriteString(claimLine(`"d":` + doc))
		}
		var paths, columns []string
		for i := range 20 {
			paths = append(paths, d.pick("d.#.", "d.a.#.", "d.0.#.", "d.c.1.#.", `d.#(a=="x").b.#.`, "d.#(b).k.#.")+d.pick("a", "b", "k", "a.b", "c.0", "#", `#(a=="x").b`, "b.#"))
			columns = append(columns, fmt.Sprintf("x%d | %s | list(code)", i, paths[i]))
		}
		found += compareLists(t, claimPlan(t, columns), data.String(), paths)
	}
	if found < 1_000 {
		t.Errorf("only %d values were there to compare", found)
	}
}

// compareLists compares lists of strings, in which what is no string is null.
func compareLists(t *testing.T, plan *Plan, data string, paths []string) (found int) {
	t.Helper()
	if fallbacks := plan.Explain(); len(fallbacks) > 0 {
		t.Fatalf("left to gjson: %v", fallbacks)
	}
	r := flatten(t, plan, data)
	for i, line := range strings.Split(strings.TrimSpace(data), "\n") {
		for j, path := range paths {
			want := gjson.Get(line, path)
			got, ok := listText(r.Batches[0].Column(j+1).(*array.List), i)
			if text, exists := gjsonList(want); ok != exists || got != text {
				t.Fatalf("%s of %s:\n got %q, %v\nwant %q, %v", path, line, got, ok, text, exists)
			}
			found += len(want.Array())
		}
	}
	return found
}

func listText(list *array.List, row int) (string, bool) {
	from, to := list.ValueOffsets(row)
	var texts []string
	for i := from; i < to; i++ {
		text := "null"
		if values := list.ListValues().(*array.String); values.IsValid(int(i)) {
			text = fmt.Sprintf("%q", values.Value(int(i)))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " "), list.IsValid(row)
}

func gjsonList(r gjson.Result) (string, bool) {
	var texts []string
	for _, v := range r.Array() {
		text := "null"
		if v.Type == gjson.String {
			text = fmt.Sprintf("%q", v.String())
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " "), r.Exists()
}

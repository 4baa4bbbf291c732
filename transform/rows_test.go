package transform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// element is an element of a document with its place.
type element struct {
	value    gjson.Result
	parent   *element
	path     string
	level    int
	position int
}

// visit calls found for the elements below e at the keys that nested names by
// level, and below those at item, in document order; of a repeated key the first
// counts. It uses gjson alone.
func (e *element) visit(nested []string, found func(*element, string)) {
	seen := map[string]bool{}
	e.value.ForEach(func(k, v gjson.Result) bool {
		key := k.String()
		if seen[key] || !strings.Contains(" "+nested[min(e.level, len(nested)-1)]+" ", " "+key+" ") {
			return true
		}
		seen[key] = true
		list := []gjson.Result{v}
		if v.IsArray() {
			list = v.Array()
		}
		for i, item := range list {
			if item.IsObject() {
				child := &element{item, e, strings.TrimPrefix(fmt.Sprintf("%s.%d", e.path, i+1), "."), e.level + 1, i + 1}
				found(child, key)
				if key == "item" {
					child.visit(nested, found)
				}
			}
		}
		return true
	})
}

func orNull(r gjson.Result) string {
	if !r.Exists() || r.Type == gjson.Null {
		return "-"
	}
	return r.Raw
}

// nestedDoc draws a claim with items, details and amounts in any order of keys.
func (d dice) nestedDoc(level int) string {
	members := []string{`"other":{"item":[{}]}`, `"n":` + d.pick("1", "2", `"x"`, "null")}
	if level > 0 {
		for _, key := range []string{d.pick("item", "amount"), "amount", "item"} {
			var list []string
			for range d.IntN(4) {
				if d.IntN(4) == 0 {
					list = append(list, d.pick("null", "7", "[]"))
				} else {
					list = append(list, d.nestedDoc(level-1))
				}
			}
			value := "[" + strings.Join(list, ",") + "]"
			if d.IntN(6) == 0 {
				value = d.nestedDoc(level - 1)
			}
			members = append(members, `"`+key+`":`+value)
		}
	}
	d.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

// Rows are those that a plain walk over the document finds, in its order.
func TestRowsEqualAWalk(t *testing.T) {
	p := claimPlan(t, nil,
		"line: item, item.#.item, item.#.item.#.item\n path | @path | string\n level | @level | integer\n n | n | json\n parent | ^.n | json\n top | $.n | json\n first | amount.#(n==1).n | json\n count | item.# | integer",
		"amount: item.#.amount, item.#.item.#.amount\n path | ^@path | string\n position | @position | integer\n n | n | json\n up | ^.n | json")
	total := 0
	for seed := range uint64(400) {
		d := dice{rand.New(rand.NewPCG(seed, 7))}
		doc := `{"resourceType":"Claim","id":"c1",` + d.nestedDoc(4)[1:]
		root := &element{value: gjson.Parse(doc)}
		var lines, amounts []string
		root.visit([]string{"item", "item amount", "item amount", ""}, func(e *element, key string) {
			if key == "item" {
				lines = append(lines, fmt.Sprintf("c1|%s|%d|%s|%s|%s|%s|%s", e.path, e.level, orNull(e.value.Get("n")), orNull(e.parent.value.Get("n")),
					orNull(root.value.Get("n")), orNull(e.value.Get("amount.#(n==1).n")), orNull(e.value.Get("item.#"))))
			} else {
				amounts = append(amounts, fmt.Sprintf("c1|%s|%d|%s|%s", e.parent.path, e.position, orNull(e.value.Get("n")), orNull(e.parent.value.Get("n"))))
			}
		})
		r := flatten(t, p, doc)
		equalRows(t, rows(r, "line"), lines...)
		equalRows(t, rows(r, "amount"), amounts...)
		total += len(lines) + len(amounts)
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, doc)
		}
	}
	if total < 2000 {
		t.Errorf("only %d rows to compare", total)
	}
}

// Lines that cannot be used leave no trace, wherever they break off: the rows
// of the others are what they are without them.
func TestBadLinesLeaveNoRows(t *testing.T) {
	p := claimPlan(t, []string{"n | n | json", "amounts | amount.#.n | list(code)"},
		"line: item, item.#.item\n path | @path | string\n n | n | json\n parent | ^.n | json\n top | $.n | json",
		"amount: item.#.amount\n path | ^@path | string\n position | @position | integer\n n | n | json\n up | ^.n | json",
		"two: item.#(n==2)#\n path | @path | string\n n | n | json")
	for seed := range uint64(60) {
		d := dice{rand.New(rand.NewPCG(seed, 11))}
		var good, all strings.Builder
		bad := 0
		for i := range 50 + d.IntN(50) {
			line := fmt.Sprintf(`{"resourceType":"Claim","id":"c%d",`, i) + d.nestedDoc(4)[1:]
			switch d.IntN(4) {
			case 0: // breaks off
				all.WriteString(line[:1+d.IntN(len(line)-1)] + "\n")
				bad++
			case 1: // has no id
				all.WriteString(strings.Replace(line, `"id"`, `"di"`, 1) + "\n")
				bad++
			}
			good.WriteString(line + "\n")
			all.WriteString(line + "\n")
		}
		want, got := flatten(t, p, good.String()), flatten(t, p, all.String())
		if len(got.Rejects) != bad {
			t.Fatalf("seed %d: %d lines were rejected, want %d", seed, len(got.Rejects), bad)
		}
		for _, table := range []string{"claim", "line", "amount", "two"} {
			equalRows(t, rows(got, table), rows(want, table)...)
		}
	}
}

package synth

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// ids are the references that lines answer to.
func ids(f folder) map[string]bool {
	out := map[string]bool{}
	for resourceType, lines := range f {
		for _, line := range lines {
			out[resourceType+"/"+gjson.GetBytes(line, "id").String()] = true
		}
	}
	return out
}

// references are all literal references of a resource, wherever they stand.
func references(t *testing.T, line []byte) (out []string) {
	t.Helper()
	var resource any
	if err := json.Unmarshal(line, &resource); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if reference, ok := v["reference"].(string); ok {
				out = append(out, reference)
			}
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, element := range v {
				walk(element)
			}
		}
	}
	walk(resource)
	return out
}

func resolve(t *testing.T, f folder, known map[string]bool) {
	t.Helper()
	checked := 0
	for _, lines := range f {
		for _, line := range lines {
			for _, reference := range references(t, line) {
				checked++
				if inside, ok := strings.CutPrefix(reference, "#"); ok {
					if !gjson.GetBytes(line, `contained.#(id=="`+inside+`")`).Exists() {
						t.Errorf("%s is not contained", reference)
					}
				} else if !known[reference] {
					t.Errorf("%s does not exist", reference)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no references")
	}
}

func TestReferencesResolve(t *testing.T) {
	o := Options{Patients: 6, Seed: 5}
	first := write(t, o)
	known := ids(first)
	resolve(t, first, known)
	for o.Day = 2; o.Day <= 5; o.Day++ {
		next := write(t, o)
		for reference := range ids(next) {
			known[reference] = true
		}
		for _, line := range next[bundle] {
			for _, url := range gjson.GetBytes(line, "entry.#.request.url").Array() {
				if !known[url.String()] {
					t.Errorf("day %d deletes %s, which does not exist", o.Day, url)
				}
				delete(known, url.String())
			}
		}
		delete(next, bundle)
		resolve(t, next, known)
	}
	resolve(t, folder{"ExplanationOfBenefit": standing(first, known)}, known)
}

// standing are the explanations of a day that were not deleted later.
func standing(f folder, known map[string]bool) (out [][]byte) {
	for _, line := range f["ExplanationOfBenefit"] {
		if known["ExplanationOfBenefit/"+gjson.GetBytes(line, "id").String()] {
			out = append(out, line)
		}
	}
	return out
}

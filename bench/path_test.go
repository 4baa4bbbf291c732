package main

import (
	"fmt"
	"testing"
)

func TestParsePath(t *testing.T) {
	for name, tc := range map[string]struct {
		path string
		list bool
		want string
	}{
		"keys":                 {"meta.lastUpdated", false, "meta lastUpdated"},
		"index":                {"coding.0.code", false, "coding [0] code"},
		"count":                {"item.#", false, "item count"},
		"every element":        {"type.coding.#.code", true, "type coding each code"},
		"dot in a filter":      {`extension.#(url=="http://x.org/a.b").valueCode`, false, `extension (url = http://x.org/a.b) valueCode`},
		"filter in a filter":   {`total.#(category.coding.#(code=="copay")).amount`, false, `total (category coding (code = copay)) amount`},
		"boolean":              {"insurance.#(focal==true).coverage", false, "insurance (focal = true) coverage"},
		"pattern":              {`extension.#(url%"http://x*").valueCode`, false, "extension (url % http://x*) valueCode"},
		"elements of elements": {"modifier.#.coding.#.code", true, "modifier each coding each code"},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := parsePath(tc.path, tc.list)
			if got := describe(steps); err != nil || got != tc.want {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func TestPathsThatHaveNoSQL(t *testing.T) {
	for _, path := range []string{"a.@reverse", "a|b", "a*", `a\.b`} {
		if _, err := parsePath(path, false); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
}

// describe writes steps as words.
func describe(steps []step) string {
	text := ""
	for i, s := range steps {
		if i > 0 {
			text += " "
		}
		switch {
		case s.count:
			text += "count"
		case s.each:
			text += "each"
		case s.index >= 0:
			text += fmt.Sprintf("[%d]", s.index)
		case s.where != nil && s.where.op == "":
			text += "(" + describe(s.where.path) + ")"
		case s.where != nil:
			value, quoted := s.where.quoted()
			if !quoted {
				value = s.where.value
			}
			text += "(" + describe(s.where.path) + " " + s.where.op + " " + value + ")"
		default:
			text += s.key
		}
	}
	return text
}

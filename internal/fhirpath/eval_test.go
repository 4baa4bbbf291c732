package fhirpath

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const claim = `{"resourceType":"Claim","id":"c1","huge":1e2000000000,"use":"claim","active":true,"total":{"value":10.50,"currency":"USD"},
"created":"2024-02-29T10:00:00-05:00","billablePeriod":{"start":"2024-02","end":"2024"},
"item":[{"sequence":1,"unitPrice":{"value":1.25}},{"sequence":2,"servicedDate":"2024-02-27","modifier":[{"text":"a"},{"text":"b"}]}],
"extension":[{"url":"u","valueString":"x"},{"url":"v","extension":[{"url":"w","valueInteger":7}]}]}`

func evaluate(t testing.TB, expr string, want *Projection) (string, error) {
	e, err := Parse(expr, map[string]Value{"one": integerOf(1)})
	if err != nil {
		return "", err
	}
	if want == nil {
		want = &Projection{}
		for _, p := range e.Want(want) {
			p.All()
		}
	}
	var d Document
	on, err := d.Read([]byte(claim), want)
	if err != nil {
		t.Fatal(err)
	}
	values, err := e.Eval(on, 4)
	var out []string
	for _, v := range values {
		out = append(out, string(v.AppendJSON(nil)))
	}
	return strings.Join(out, " "), err
}

func TestEval(t *testing.T) {
	for expr, want := range map[string]string{
		"id":                           `"c1"`,
		"Claim.id":                     `"c1"`,
		"Patient.id":                   ``,
		"item.sequence":                `1 2`,
		"item[1].sequence":             `2`,
		"item[%one].sequence":          `2`,
		"item[9]":                      ``,
		"item.modifier.text.join('-')": `"a-b"`,
		"item.where(sequence > 1).modifier[0].text":     `"a"`,
		"item.exists(unitPrice.value = 1.250)":          `true`,
		"item.first().unitPrice.value * 3":              `3.75`,
		"total.value - 0.50":                            `10`,
		"1 / 3":                                         `0.3333333333333333`,
		"1 / 0":                                         ``,
		"'a' + 'b'":                                     `"ab"`,
		"-total.value":                                  `-10.5`,
		"total.value":                                   `10.50`,
		"active and use = 'claim'":                      `true`,
		"missing or active":                             `true`,
		"missing and active":                            ``,
		"missing and active.not()":                      `false`,
		"missing = 'x'":                                 ``,
		"item.sequence = 1":                             `false`,
		"(active).not()":                                `false`,
		"created > @2024-02-29T14:59:59Z":               `true`,
		"created = @2024-02-29T15:00:00Z":               `true`,
		"billablePeriod.start < @2024-02-15":            ``,
		"billablePeriod.start < @2024-03-01":            `true`,
		"item.serviced.ofType(date)":                    `"2024-02-27"`,
		"item.serviced.ofType(Period)":                  ``,
		"item.serviced.ofType(FHIR.date) = @2024-02-27": `true`,
		"extension('u').value.ofType(string)":           `"x"`,
		"extension('v').extension('w').value.ofType(integer) + 1": `8`,
		"%rowIndex":                           `4`,
		"{}":                                  ``,
		"$this.id":                            `"c1"`,
		"`id`":                                `"c1"`,
		"getResourceKey()":                    `"c1"`,
		"billablePeriod.start.highBoundary()": `"2024-02-29"`,
		"total.value.lowBoundary()":           `10.495`,
		"1 + 2 * 3 - 4":                       `3`,
		"use != 'x' // a comment":             `true`,
		"/* a comment */ use":                 `"claim"`,
		`'\u00e9\'\n'`:                        `"é'\n"`,
	} {
		if got, err := evaluate(t, expr, nil); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", expr, got, err, want)
		}
	}
}

// What a view may not use, and what cannot be, is refused when it is parsed, with its
// column.
func TestSyntaxErrors(t *testing.T) {
	for expr, want := range map[string]string{
		"":                       "column 1: the expression ends where a term must follow",
		"@@":                     "column 1: a date or time must follow @",
		"name.":                  "column 6: the name of an element or function must follow",
		"name.select(x)":         "column 6: the function select() is not supported in a view",
		"a | b":                  "column 3: the operator | is not supported in a view",
		"a is string":            "column 3: the operator is is not supported in a view",
		"first(1)":               "column 1: first() has 1 arguments, want none",
		"where()":                "column 1: where() has 0 arguments, want one",
		"ofType('x')":            "column 8: ofType() wants the name of a type",
		"%x":                     "column 1: the constant %x is not defined",
		"$total":                 "column 1: $total is not supported in a view; $this is",
		"'a":                     "column 1: the quoted text does not end",
		"a b":                    `column 3: unexpected "b"`,
		"(a":                     `column 3: the expression ends where ")" must follow`,
		"a[1":                    `column 4: the expression ends where "]" must follow`,
		"@2024-13-01":            "column 1: @2024-13-01 is not a date or time",
		"é = #":                  `column 1: unexpected character 'é'`,
		strings.Repeat("(", 999): "column 101: the expression nests too deep",
	} {
		_, err := evaluate(t, expr, nil)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", expr, err, want)
		}
	}
}

// What goes wrong on a resource is an error without its values.
func TestEvalErrors(t *testing.T) {
	for expr, want := range map[string]string{
		"item.where(sequence)":    "the criteria is not a boolean",
		"item.sequence > 1":       "> wants one item on each side",
		"use > 1":                 "> cannot compare a string with a number",
		"total.value + huge":      "+ cannot compute with a number and a string",
		"use * 2":                 "* cannot compute with a string and a number",
		"item['x']":               "an index must be one integer",
		"(item.sequence).not()":   "not(): a boolean is wanted where there are several items",
		"item.sequence.join(',')": "join(): an item is not a string",
		"use.lowBoundary()":       "lowBoundary(): wants a decimal, a date or a time",
	} {
		_, err := evaluate(t, expr, nil)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", expr, err, want)
		}
	}
}

// Reading only what an expression can touch changes nothing.
func TestProjection(t *testing.T) {
	paths := []string{"id", "use", "active", "total", "value", "item", "sequence", "extension", "url", "serviced", "start", "first()", "where($this.exists())", "ofType(string)", "extension('u')", "exists()", "empty()", "[0]", "getResourceKey()", "where(sequence = 2)", "lowBoundary()"}
	whole := &Projection{}
	whole.All()
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom(paths), 1, 5).Draw(rt, "steps")
		expr := strings.ReplaceAll("$this."+strings.Join(steps, "."), ".[", "[")
		got, err := evaluate(t, expr, nil)
		want, wantErr := evaluate(t, expr, whole)
		if got != want || (err == nil) != (wantErr == nil) {
			rt.Errorf("%s: got %s, %v, want %s, %v", expr, got, err, want, wantErr)
		}
	})
}

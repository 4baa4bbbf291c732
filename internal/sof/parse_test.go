package sof

import (
	"strings"
	"testing"
)

// Every mistake is reported at once, each with its place.
func TestMistakes(t *testing.T) {
	for name, tc := range map[string]struct{ view, want string }{
		"nothing":          {`{}`, "resource: missing: name the resource type of the view\nselect: missing: a view has at least one select"},
		"not JSON":         {`{"resource":`, "not a JSON object: unexpected EOF"},
		"two documents":    {`{"resource":"Patient"}{}`, "not a JSON object: something follows the object"},
		"another resource": {`{"resourceType":"Patient","resource":"Patient","select":[{}]}`, `resourceType: "Patient" is not ViewDefinition`},
		"not a type":       {`{"resource":"patient","select":[{}]}`, `resource: "patient" is not a resource type`},
		"a misspelled key": {`{"resource":"Patient","select":[{"foreach":"name"}]}`, "select[0].foreach: unknown element"},
		"two iterations":   {`{"resource":"Patient","select":[{"forEach":"name","repeat":["x"]}]}`, "select[0].repeat: a select has only one of forEach, forEachOrNull and repeat"},
		"a name twice":     {`{"resource":"Patient","select":[{"column":[{"name":"a","path":"id"},{"name":"a","path":"id"}]}]}`, "select: two columns are named a"},
		"a column's mistakes": {`{"resource":"Patient","select":[{"column":[{"name":"1","path":"name.frst()"},{"name":"b"}]}]}`,
			`select[0].column[0].name: "1" is not a name: letters, digits and _` + "\n" +
				`select[0].column[0].path: FHIRPath "name.frst()", column 6: the function frst() is not supported in a view` + "\n" +
				`select[0].column[1].path: missing: want a FHIRPath expression`},
		"a constant without value":   {`{"resource":"Patient","constant":[{"name":"c"}],"select":[{}]}`, "constant[0]: the constant c has no value[x]"},
		"a constant of another type": {`{"resource":"Patient","constant":[{"name":"c","valueInteger":"x"}],"select":[{}]}`, "constant[0].valueInteger: the value is not a Integer"},
		"branches that differ":       {`{"resource":"Patient","select":[{"unionAll":[{"column":[{"name":"a","path":"id"}]},{"column":[{"name":"b","path":"id"}]}]}]}`, "select[0].unionAll[1]: its columns are not those of select[0].unionAll[0], in the same order"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tc.view))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// The rows of a resource are bounded: selects next to each other multiply.
func TestTooManyRows(t *testing.T) {
	view, err := Parse([]byte(`{"resource":"Patient","select":[{"forEach":"name"},{"forEach":"name"},{"forEach":"name","column":[{"name":"a","path":"family"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	line := `{"resourceType":"Patient","name":[` + strings.Repeat(`{},`, 200) + `{}]}`
	n := 0
	if err := view.NewReader().Rows([]byte(line), func([]Cell) error { n++; return nil }); err == nil || n > MaxRows {
		t.Errorf("%d rows, error %v", n, err)
	}
}

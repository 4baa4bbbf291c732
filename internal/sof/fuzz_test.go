package sof

import (
	"testing"

	"github.com/tidwall/gjson"
)

// Whatever view meets whatever line, there are rows or an error, and each row is JSON.
func FuzzRows(f *testing.F) {
	f.Add(`{"resource":"Patient","select":[{"repeat":["item","answer.item"],"column":[{"name":"a","path":"value.ofType(string).lowBoundary()"}]}]}`, `{"resourceType":"Patient","item":[{"item":[{"valueString":"a"}]}]}`)
	f.Add(`{"resource":"Patient","where":[{"path":"birthDate < @2024 and name.exists(use = 'x')"}],"select":[{"forEachOrNull":"name","unionAll":[{"column":[{"name":"a","path":"given.join(',')","collection":true}]}]}]}`, `{"resourceType":"Patient","birthDate":"2000-01","name":[{"use":"x","given":["a","b\u0041"]}]}`)
	f.Add(`{"resource":"Patient","constant":[{"name":"c","valueDecimal":1e3}],"select":[{"column":[{"name":"a","path":"-(x[0] * %c) / 0.7 + 1"}]}]}`, `{"resourceType":"Patient","x":[1.5,{"y":[]}]}`)
	f.Fuzz(func(t *testing.T, definition, line string) {
		view, err := Parse([]byte(definition))
		if err != nil {
			return
		}
		n := 0
		_ = view.NewReader().Rows([]byte(line), func(row []Cell) error {
			if n++; n > 1000 {
				return ErrTooManyRows
			}
			if text := view.AppendJSON(nil, row); !gjson.ValidBytes(text) {
				t.Errorf("not JSON: %s", text)
			}
			_ = view.Texts(row)
			return nil
		})
	})
}

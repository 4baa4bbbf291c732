package clickhouse

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// value is what was read of a column of type t, as text.
func value(t string, v reflect.Value) Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return Value{Null: true}
		}
		if n, ok := v.Interface().(*big.Int); ok {
			return Value{Text: n.String()}
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case string:
		return Value{Text: x}
	case decimal.Decimal:
		return Value{Text: x.StringFixed(scale(t))}
	case time.Time:
		return Value{Text: stamp(t, x)}
	case float32:
		return Value{Text: strconv.FormatFloat(float64(x), 'g', -1, 32)}
	case float64:
		return Value{Text: strconv.FormatFloat(x, 'g', -1, 64)}
	case fmt.Stringer:
		return Value{Text: x.String()}
	}
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Array {
		return Value{Text: string(nested(t, v))}
	}
	return Value{Text: fmt.Sprint(v.Interface())}
}

// scale is the number of digits behind the point of Decimal(p, s).
func scale(t string) int32 {
	_, digits, _ := strings.Cut(strings.TrimSuffix(t, ")"), ",")
	n, _ := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
	return int32(n)
}

// stamp writes a time as its type does.
func stamp(t string, x time.Time) string {
	switch {
	case strings.HasPrefix(t, "DateTime64("):
		digits, _ := strconv.Atoi(strings.TrimSuffix(strings.SplitN(t[len("DateTime64("):], ",", 2)[0], ")"))
		if digits == 0 {
			return x.Format(time.DateTime)
		}
		return x.Format(time.DateTime + "." + strings.Repeat("0", digits))
	case strings.HasPrefix(t, "DateTime"):
		return x.Format(time.DateTime)
	case strings.HasPrefix(t, "Date"):
		return x.Format(time.DateOnly)
	}
	return x.Format(time.RFC3339Nano)
}

// nested writes an array, tuple or map as JSON; its elements as value does.
func nested(t string, v reflect.Value) []byte {
	elem := bare(strings.TrimSuffix(strings.TrimPrefix(t, "Array("), ")"))
	if !strings.HasPrefix(t, "Array(") {
		out, err := json.Marshal(v.Interface())
		if err != nil {
			return fmt.Append(nil, v.Interface())
		}
		return out
	}
	out := []byte{'['}
	for i := range v.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		x := value(elem, v.Index(i))
		switch {
		case x.Null:
			out = append(out, "null"...)
		case Column{Type: elem}.IsNumber() || strings.HasPrefix(elem, "Array(") || elem == "Bool":
			out = append(out, x.Text...)
		default:
			quoted, _ := json.Marshal(x.Text) // a string always marshals
			out = append(out, quoted...)
		}
	}
	return append(out, ']')
}

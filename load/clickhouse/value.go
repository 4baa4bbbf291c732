package clickhouse

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
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

// scale is the number of digits after the point of Decimal(p, s).
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
	kind, args := arguments(t)
	switch {
	case kind == "Array" && v.Kind() != reflect.Map:
		var list []string
		for i := range v.Len() {
			list = append(list, jsonOf(args[0], v.Index(i)))
		}
		return []byte("[" + strings.Join(list, ",") + "]")
	case kind == "Map" && v.Kind() == reflect.Map:
		var fields []string
		for _, key := range v.MapKeys() {
			fields = append(fields, quoted(value(bare(args[0]), key).Text)+":"+jsonOf(args[1], v.MapIndex(key)))
		}
		slices.Sort(fields)
		return []byte("{" + strings.Join(fields, ",") + "}")
	case kind == "Tuple" && v.Kind() == reflect.Map:
		var fields []string
		for _, arg := range args {
			name, typ, _ := strings.Cut(arg, " ")
			name = strings.Trim(name, "`")
			if field := v.MapIndex(reflect.ValueOf(name)); field.IsValid() {
				fields = append(fields, quoted(name)+":"+jsonOf(typ, field))
			}
		}
		return []byte("{" + strings.Join(fields, ",") + "}")
	case kind == "Tuple" && v.Len() == len(args):
		var list []string
		for i, arg := range args {
			list = append(list, jsonOf(arg, v.Index(i)))
		}
		return []byte("[" + strings.Join(list, ",") + "]")
	}
	out, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Append(nil, v.Interface())
	}
	return out
}

// jsonOf writes a value of a type as JSON.
func jsonOf(t string, v reflect.Value) string {
	t = bare(t)
	return Column{Type: t}.JSON(value(t, v))
}

// JSON is a value of the column as JSON has it: numbers with all their digits, arrays and
// maps as such; what JSON has no number for, such as nan, is null.
func (c Column) JSON(v Value) string {
	kind, _ := arguments(bare(c.Type))
	switch {
	case v.Null, c.IsNumber() && strings.ContainsAny(v.Text, "nN"):
		return "null"
	case c.IsNumber(), kind == "Bool":
		return v.Text
	case slices.Contains([]string{"Array", "Tuple", "Map", "Nested", "JSON", "Object"}, kind) && json.Valid([]byte(v.Text)):
		return v.Text
	}
	return quoted(v.Text)
}

func quoted(s string) string {
	out, _ := json.Marshal(s) // a string always marshals
	return string(out)
}

// arguments takes a type such as Map(String, Array(UInt8)) apart.
func arguments(t string) (kind string, args []string) {
	kind, rest, ok := strings.Cut(t, "(")
	if !ok {
		return kind, nil
	}
	rest = strings.TrimSuffix(rest, ")")
	depth, start, quote := 0, 0, false
	for i, r := range rest {
		switch {
		case r == '\'' || r == '`':
			quote = !quote
		case quote:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			args = append(args, strings.TrimSpace(rest[start:i]))
			start = i + 1
		}
	}
	return kind, append(args, strings.TrimSpace(rest[start:]))
}

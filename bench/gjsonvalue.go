package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/tidwall/gjson"
)

// appendValue appends what a column makes of a value to its builder; a null where it
// cannot be read.
func appendValue(b array.Builder, c *mappedColumn, v gjson.Result, taken string) {
	switch {
	case c.choice && taken != "":
		appendText(b, taken)
	case !present(v) || c.choice:
		b.AppendNull()
	case c.precision:
		appendText(b, precisionOf(v.Str))
	case c.join != "":
		appendText(b, strings.Join(texts(v), c.join))
	case c.without != "":
		appendText(b, strings.ReplaceAll(v.Str, c.without, ""))
	case strings.HasPrefix(c.kind, "reference"):
		appendReference(b, c.kind, v.Str)
	default:
		appendTyped(b, v)
	}
}

// appendTyped appends a value by the builder's type.
func appendTyped(b array.Builder, v gjson.Result) {
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Int32Builder:
		b.Append(int32(v.Int()))
	case *array.Decimal128Builder:
		appendDecimal(b, leaves(v))
	case *array.Date32Builder:
		if len(v.Str) < len(time.DateOnly) {
			b.AppendNull()
			return
		}
		day, err := time.Parse(time.DateOnly, v.Str[:len(time.DateOnly)])
		if err != nil {
			b.AppendNull()
			return
		}
		b.Append(arrow.Date32FromTime(day))
	case *array.TimestampBuilder:
		at, err := parseTime(v.Str)
		if err != nil {
			b.AppendNull()
			return
		}
		appendTime(b, at)
	case *array.ListBuilder:
		b.Append(true)
		for _, item := range leaves(v) {
			appendTyped(b.ValueBuilder(), item)
		}
	default:
		appendText(b, v.String())
	}
}

// appendDecimal appends the sum of numbers, of which there is one but for a sum.
func appendDecimal(b *array.Decimal128Builder, numbers []gjson.Result) {
	t := b.Type().(*arrow.Decimal128Type)
	var total decimal128.Num
	for _, v := range numbers {
		n, err := decimal128.FromString(v.Raw, t.Precision, t.Scale)
		if err != nil {
			b.AppendNull()
			return
		}
		total = total.Add(n)
	}
	if len(numbers) == 0 {
		b.AppendNull()
		return
	}
	b.Append(total)
}

func appendText(b array.Builder, text string) {
	switch b := b.(type) {
	case *array.BinaryDictionaryBuilder:
		_ = b.AppendString(text) // fails for other types only
	case *array.StringBuilder:
		b.Append(text)
	default:
		panic(fmt.Sprintf("text for a column of %s", b.Type()))
	}
}

func appendTime(b array.Builder, at time.Time) {
	b.(*array.TimestampBuilder).Append(arrow.Timestamp(at.UnixMicro()))
}

// appendReference knows references as the SQL does: Type/id and #id.
func appendReference(b array.Builder, kind, text string) {
	typ, id, ok := strings.Cut(text, "/")
	switch {
	case kind == "reference" && ok:
		appendText(b, id)
	case kind == "reference_type" && ok:
		appendText(b, typ)
	case kind == "reference_raw" && !ok:
		appendText(b, text)
	default:
		b.AppendNull()
	}
}

func precisionOf(text string) string {
	if len(text) == len(time.DateOnly) {
		return "day"
	}
	return "second"
}

func parseTime(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) }

// leaves are the values of a list, also of a list of lists.
func leaves(v gjson.Result) (list []gjson.Result) {
	if !v.IsArray() {
		return []gjson.Result{v}
	}
	v.ForEach(func(_, item gjson.Result) bool {
		if item.IsArray() {
			list = append(list, leaves(item)...)
		} else {
			list = append(list, item)
		}
		return true
	})
	return list
}

func texts(v gjson.Result) (list []string) {
	for _, item := range leaves(v) {
		list = append(list, item.Str)
	}
	return list
}

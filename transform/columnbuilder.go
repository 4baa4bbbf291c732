package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// newColumnBuilder makes the builder for a column's type.
func newColumnBuilder(c *columnPlan, mem memory.Allocator) columnBuilder {
	if c.choice || c.precision {
		return newCodes(mem, c.textReader())
	}
	switch c.kind.name {
	case "boolean":
		return newFixed[bool](array.NewBooleanBuilder(mem), readBoolean)
	case "integer":
		return newFixed[int32](array.NewInt32Builder(mem), readInteger)
	case "int64":
		return newFixed[int64](array.NewInt64Builder(mem), readInt64)
	case "decimal":
		return newFixed(fixedBuilder[decimalNumber](array.NewDecimal128Builder(mem, c.kind.arrow().(*arrow.Decimal128Type))), c.kind.readDecimal)
	case "date":
		return newFixed[arrow.Date32](array.NewDate32Builder(mem), readDate)
	case "dateTime", "instant":
		return newFixed[arrow.Timestamp](array.NewTimestampBuilder(mem, instant), readInstant)
	case "code", "reference_type":
		return newCodes(mem, c.textReader())
	case "list(integer)":
		b := array.NewListBuilder(mem, arrow.PrimitiveTypes.Int32)
		return &lists{builder: b, item: integerItem(b.ValueBuilder().(*array.Int32Builder))}
	case "list(string)", "list(code)":
		b := array.NewListBuilder(mem, arrow.BinaryTypes.String)
		return &lists{builder: b, item: stringItem(b.ValueBuilder().(*array.StringBuilder))}
	}
	return &texts{builder: array.NewStringBuilder(mem), read: c.textReader()}
}

package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// newColumnBuilder makes the builder for a column's type.
func newColumnBuilder(c *columnPlan, mem memory.Allocator) columnBuilder {
	if c.choice || c.precision {
		return newCodes(c.textReader())
	}
	switch c.kind.name {
	case "boolean":
		return &booleans{}
	case "integer":
		return newFixed(c.kind.arrow(), readInteger)
	case "int64":
		return newFixed(c.kind.arrow(), readInt64)
	case "decimal":
		return newFixed(c.kind.arrow(), c.kind.readDecimal)
	case "date":
		return newFixed(c.kind.arrow(), readDate)
	case "dateTime", "instant":
		return newFixed(c.kind.arrow(), readInstant)
	case "code", "reference_type":
		return newCodes(c.textReader())
	case "list(integer)":
		b := array.NewListBuilder(mem, arrow.PrimitiveTypes.Int32)
		return &lists{builder: b, item: integerItem(b.ValueBuilder().(*array.Int32Builder))}
	case "list(string)", "list(code)":
		b := array.NewListBuilder(mem, arrow.BinaryTypes.String)
		return &lists{builder: b, item: stringItem(b.ValueBuilder().(*array.StringBuilder))}
	}
	return &texts{read: c.textReader()}
}

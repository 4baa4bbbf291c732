package transform

// newColumnBuilder makes the builder for a column's type.
func newColumnBuilder(c *columnPlan) columnBuilder {
	if c.choice || c.precision {
		return newCodes(c)
	}
	if c.sum {
		return newSums(c.kind)
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
		return newCodes(c)
	case "list(integer)":
		return newIntegerLists(c.kind.arrow())
	case "list(string)", "list(code)":
		return newTextLists(c.kind.arrow())
	}
	return &texts{read: c.texter()}
}

package transform

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

func readBoolean(_ *chunk, sp span) (bool, string) {
	if sp.kind != kindTrue && sp.kind != kindFalse {
		return false, ValueNotBoolean
	}
	return sp.kind == kindTrue, ""
}

func readInteger(c *chunk, sp span) (int32, string) {
	n, reason := readInt64(c, sp)
	if reason == "" && (n < math.MinInt32 || n > math.MaxInt32) {
		return 0, ValueOutOfRange
	}
	return int32(n), reason
}

// readInt64 reads a whole number, however it is written: 2, 2.0 and 2e0 are the
// same.
func readInt64(c *chunk, sp span) (int64, string) {
	if sp.kind == kindCount {
		return int64(sp.start), ""
	}
	if sp.kind != kindNumber {
		return 0, ValueNotNumber
	}
	n, ok := parseDecimal(c.raw(sp), 19, 0)
	if !ok || n.HighBits() != int64(n.LowBits())>>63 {
		return 0, ValueOutOfRange
	}
	return int64(n.LowBits()), ""
}

func (k kind) readDecimal(c *chunk, sp span) (decimal128.Num, string) {
	switch sp.kind {
	case kindCount:
		return k.decimalOf([]byte(countText(sp.start)))
	case kindNumber:
		return k.decimalOf(c.raw(sp))
	default:
		return decimal128.Num{}, ValueNotNumber
	}
}

func (k kind) decimalOf(literal []byte) (decimal128.Num, string) {
	parse := parseDecimal
	if k.rounded {
		parse = parseRounded
	}
	n, ok := parse(literal, k.precision, k.scale)
	if !ok {
		return n, ValueOutOfRange
	}
	return n, ""
}

func readDate(c *chunk, sp span) (arrow.Date32, string) {
	if sp.kind != kindText {
		return 0, ValueNotText
	}
	m, ok := parseMoment(c.text(sp))
	if !ok {
		return 0, ValueNotDate
	}
	return nearest(arrow.Date32(m.days), firstDay, lastDay)
}

func readInstant(c *chunk, sp span) (arrow.Timestamp, string) {
	if sp.kind != kindText {
		return 0, ValueNotText
	}
	m, ok := parseMoment(c.text(sp))
	if !ok {
		return 0, ValueNotDate
	}
	return nearest(arrow.Timestamp(m.micros()), firstTime, lastTime)
}

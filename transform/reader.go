package transform

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/claimlake/claimlake/transform/internal/value"
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
	n, ok := value.ParseDecimal(c.raw(sp), 19, 0)
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
	n, ok := value.ParseDecimal(literal, k.precision, k.scale)
	if ok {
		return n, ""
	}
	if k.rounded {
		if n, ok = value.ParseRounded(literal, k.precision, k.scale); ok {
			return n, ValueRounded
		}
	}
	return n, ValueOutOfRange
}

func readDate(c *chunk, sp span) (arrow.Date32, string) {
	if sp.kind != kindText {
		return 0, ValueNotText
	}
	m, ok := value.ParseMoment(c.text(sp))
	if !ok {
		return 0, ValueNotDate
	}
	return nearest(arrow.Date32(m.Days), firstDay, lastDay)
}

func readInstant(c *chunk, sp span) (arrow.Timestamp, string) {
	if sp.kind != kindText {
		return 0, ValueNotText
	}
	m, ok := value.ParseMoment(c.text(sp))
	if !ok {
		return 0, ValueNotDate
	}
	return nearest(arrow.Timestamp(m.Micros()), firstTime, lastTime)
}

// texter gives the reader for a column whose values are text.
func (c *columnPlan) texter() texter {
	plain := !c.choice && !c.precision && c.join == "" && c.without == "" && c.kind.plain
	return texter{string: plain, read: c.textReader()}
}

func (c *columnPlan) textReader() textReader {
	switch {
	case c.choice:
		return choiceReader(c.column.sources)
	case c.precision:
		return precisionReader()
	case c.join != "":
		return joinWith(c.join)
	case c.without != "":
		return readWithout(c.without)
	}
	if c.kind.read != nil {
		return c.kind.read
	}
	return readString
}

func readString(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ValueNotText
	}
	return c.text(sp), true, ""
}

// readWithout leaves characters out.
func readWithout(characters string) textReader {
	var kept []byte
	return func(c *chunk, sp span) ([]byte, bool, string) {
		if sp.kind != kindText {
			return nil, false, ValueNotText
		}
		kept = kept[:0]
		for _, r := range string(c.text(sp)) {
			if !strings.ContainsRune(characters, r) {
				kept = utf8.AppendRune(kept, r)
			}
		}
		return kept, len(kept) > 0, ""
	}
}

// readJSON gives the value as it stands in the line.
func readJSON(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind == kindCount {
		return []byte(countText(sp.start)), true, ""
	}
	if sp.kind == kindText {
		sp.start, sp.end = sp.start-1, sp.end+1
	}
	return c.raw(sp), true, ""
}

// precisionReader gives the precision of a date.
func precisionReader() textReader {
	labels := map[string][]byte{}
	for _, p := range []string{value.Year, value.Month, value.Day, value.Minute, value.Second} {
		labels[p] = []byte(p)
	}
	return func(c *chunk, sp span) ([]byte, bool, string) {
		if sp.kind != kindText {
			return nil, false, "" // the column itself reports it
		}
		m, ok := value.ParseMoment(c.text(sp))
		return labels[m.Precision], ok, ""
	}
}

// choiceReader gives the path whose number is the span's start.
func choiceReader(sources []source) textReader {
	var labels [][]byte
	for _, s := range sources {
		labels = append(labels, []byte(s.text))
	}
	return func(_ *chunk, sp span) ([]byte, bool, string) {
		return labels[sp.start], true, ""
	}
}

// joinWith joins the strings of an array.
func joinWith(separator string) textReader {
	var joined []byte
	return func(c *chunk, sp span) ([]byte, bool, string) {
		joined = joined[:0]
		n := 0
		fits := c.items(sp, func(item span) bool {
			if item.kind == kindNull {
				return true
			}
			if n++; n > 1 {
				joined = append(joined, separator...)
			}
			joined = append(joined, c.text(item)...)
			return item.kind == kindText
		})
		if !fits {
			return nil, false, ValueNotList
		}
		return joined, n > 0, ""
	}
}

func readReferenceID(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ValueNotText
	}
	text := c.text(sp)
	_, id, _ := value.SplitReference(text)
	if len(id) == 0 && !value.IsContained(text) {
		return nil, false, ValueNoReference
	}
	return id, len(id) > 0, ""
}

// readReferenceRaw gives the reference where it says more than Type/id.
func readReferenceRaw(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, "" // the column with the id reports it
	}
	text := c.text(sp)
	_, _, plain := value.SplitReference(text)
	return text, !plain, ""
}

func readReferenceType(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ""
	}
	typ, _, _ := value.SplitReference(c.text(sp))
	return typ, len(typ) > 0, ""
}

// The days and microseconds that all stores hold: ClickHouse's Date32 and DateTime64 have
// the years 1900 to 2299. What is outside becomes the nearest of them, and is counted, so
// that 9999-12-31, "no end", is the same day in Parquet and in ClickHouse, and comparisons
// with it stay right.
const (
	firstDay  = -25567 // 1900-01-01
	lastDay   = 120529 // 2299-12-31
	firstTime = firstDay * value.SecondsPerDay * 1_000_000
	lastTime  = (lastDay+1)*value.SecondsPerDay*1_000_000 - 1
)

// nearest is v, or the nearest end of a range, and why it is not v.
func nearest[T ~int32 | ~int64](v, first, last T) (T, string) {
	if v < first || v > last {
		return min(max(v, first), last), ValueNearest
	}
	return v, ""
}

package clickhouse

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// columnType is the ClickHouse type of a column. Everything that the Arrow
// schema calls nullable is Nullable, but arrays: a null list is an empty one.
//
// Date32 and DateTime64 hold the years 1900 to 2299, as transform gives them. What is
// outside, in files of an earlier claimlake, becomes the nearest of those days.
func columnType(t arrow.DataType, nullable bool) (string, error) {
	if l, ok := t.(*arrow.ListType); ok {
		elem, err := columnType(l.Elem(), l.ElemField().Nullable)
		return "Array(" + elem + ")", err
	}
	if d, ok := t.(*arrow.DictionaryType); ok && d.ValueType.ID() == arrow.STRING && d.IndexType.ID() == arrow.INT32 {
		if nullable {
			return "LowCardinality(Nullable(String))", nil
		}
		return "LowCardinality(String)", nil
	}
	s, err := scalarType(t)
	if nullable {
		s = "Nullable(" + s + ")"
	}
	return s, err
}

func scalarType(t arrow.DataType) (string, error) {
	switch t := t.(type) {
	case *arrow.StringType:
		return "String", nil
	case *arrow.BooleanType:
		return "Bool", nil
	case *arrow.Int32Type:
		return "Int32", nil
	case *arrow.Int64Type:
		return "Int64", nil
	case *arrow.Uint64Type:
		return "UInt64", nil
	case *arrow.Date32Type:
		return "Date32", nil
	case *arrow.Decimal128Type:
		return fmt.Sprintf("Decimal(%d, %d)", t.Precision, t.Scale), nil
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond && t.TimeZone == "UTC" {
			return "DateTime64(6, 'UTC')", nil
		}
	}
	return "", fmt.Errorf("no ClickHouse type for Arrow's %s", t)
}

// codec is how a column is compressed: texts of a main table, which are long and seldom
// the same, by zstd; counters by their differences. The rest has the server's default
// (LZ4), which costs the least time: texts of other tables are those of the row before
// more often than not.
func codec(t arrow.DataType, main bool) string {
	switch {
	case t.ID() == arrow.STRING && main:
		return "ZSTD(1)"
	case t.ID() == arrow.INT64 || t.ID() == arrow.TIMESTAMP:
		return "Delta, LZ4"
	default:
		return ""
	}
}

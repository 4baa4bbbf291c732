package parquet

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// leaf is a column as Parquet holds it.
type leaf struct {
	field    arrow.Field
	path     []string
	physical format.Type
	width    int // bytes of a value of fixed length
	maxDef   byte
	maxRep   byte
	empty    byte // definition level of an empty list
	order    ordering
	bloom    bool // readers look single values up
}

// leafOf derives a column and its schema elements from an Arrow field.
func leafOf(f arrow.Field) (leaf, []format.SchemaElement, error) {
	if list, ok := f.Type.(*arrow.ListType); ok {
		return listLeaf(f, list)
	}
	l := leaf{field: f, path: []string{f.Name}, bloom: isID(f)}
	e, err := l.scalar(f.Name, f.Type, f.Nullable)
	if table.ColumnType(f) == "json" {
		e.LogicalType.Value, e.ConvertedType = &format.JsonType{}, thrift.New(deprecated.Json)
	}
	return l, []format.SchemaElement{e}, err
}

// listLeaf is the standard list of three levels (Parquet, LogicalTypes.md,
// "Lists"), with the names that the standard wants.
func listLeaf(f arrow.Field, list *arrow.ListType) (leaf, []format.SchemaElement, error) {
	l := leaf{field: f, path: []string{f.Name, "list", "element"}, maxDef: 1, maxRep: 1}
	outer := format.SchemaElement{
		Name: f.Name, RepetitionType: thrift.New(format.Required), NumChildren: thrift.New(int32(1)),
		LogicalType: format.LogicalType{Value: &format.ListType{}}, ConvertedType: thrift.New(deprecated.List),
	}
	if f.Nullable {
		outer.RepetitionType, l.maxDef, l.empty = thrift.New(format.Optional), 2, 1
	}
	middle := format.SchemaElement{Name: "list", RepetitionType: thrift.New(format.Repeated), NumChildren: thrift.New(int32(1))}
	element, err := l.scalar("element", list.Elem(), list.ElemField().Nullable)
	return l, []format.SchemaElement{outer, middle, element}, err
}

// scalar fills the physical side of l and makes its schema element.
func (l *leaf) scalar(name string, t arrow.DataType, nullable bool) (format.SchemaElement, error) {
	e := format.SchemaElement{Name: name, RepetitionType: thrift.New(format.Required)}
	if nullable {
		e.RepetitionType = thrift.New(format.Optional)
		l.maxDef++
	}
	err := l.typed(&e, t)
	e.Type = thrift.New(l.physical)
	if l.physical == format.FixedLenByteArray {
		e.TypeLength = thrift.New(int32(l.width))
	}
	return e, err
}

func (l *leaf) typed(e *format.SchemaElement, t arrow.DataType) error {
	logical := func(v format.LogicalTypeValue, c deprecated.ConvertedType) {
		e.LogicalType.Value, e.ConvertedType = v, thrift.New(c)
	}
	switch t := t.(type) {
	case *arrow.StringType, *arrow.DictionaryType:
		if d, ok := t.(*arrow.DictionaryType); ok && (d.ValueType.ID() != arrow.STRING || d.IndexType.ID() != arrow.INT32) {
			return fmt.Errorf("no Parquet type for Arrow's %s", t)
		}
		l.physical, l.order = format.ByteArray, orderBytes
		logical(&format.StringType{}, deprecated.UTF8)
	case *arrow.BooleanType:
		l.physical, l.order = format.Boolean, orderBytes
	case *arrow.Int32Type:
		l.physical, l.order = format.Int32, orderInt32
	case *arrow.Int64Type:
		l.physical, l.order = format.Int64, orderInt64
	case *arrow.Uint64Type:
		l.physical, l.order = format.Int64, orderUint64
		logical(&format.IntType{BitWidth: 64}, deprecated.Uint64)
	case *arrow.Date32Type:
		l.physical, l.order = format.Int32, orderInt32
		logical(&format.DateType{}, deprecated.Date)
	case *arrow.TimestampType:
		if t.Unit != arrow.Microsecond || t.TimeZone != "UTC" {
			return fmt.Errorf("no Parquet type for Arrow's %s: want microseconds in UTC", t)
		}
		l.physical, l.order = format.Int64, orderInt64
		logical(&format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MicroSeconds{}}}, deprecated.TimestampMicros)
	case *arrow.Decimal128Type:
		l.decimal(t.Precision)
		logical(&format.DecimalType{Scale: t.Scale, Precision: t.Precision}, deprecated.Decimal)
		e.Scale, e.Precision = thrift.New(t.Scale), thrift.New(t.Precision)
	default:
		return fmt.Errorf("no Parquet type for Arrow's %s", t)
	}
	return nil
}

// decimal holds up to 18 digits as INT64, more in as few bytes as they need.
func (l *leaf) decimal(precision int32) {
	if precision <= 18 {
		l.physical, l.order = format.Int64, orderInt64
		return
	}
	l.physical, l.order = format.FixedLenByteArray, orderDecimal
	l.width = int(math.Ceil((float64(precision)*math.Log2(10) + 1) / 8))
}

// isID reports whether people look rows up by the column: ids and references,
// and nothing of the lineage.
func isID(f arrow.Field) bool {
	kind := table.ColumnType(f)
	return f.Type.ID() == arrow.STRING && (kind == "id" || kind == "reference")
}

// isLine reports whether the column counts lines: its differences are small,
// whatever the values.
func (l *leaf) isLine() bool { return l.field.Name == lineage.Line }

// optional reports whether the column is flat and may have nulls.
func (l *leaf) optional() bool { return l.maxRep == 0 && l.maxDef == 1 }

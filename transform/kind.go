package transform

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// kind is a scalar mapping type.
type kind struct {
	name             string // such as decimal or list(code)
	precision, scale int32  // of a decimal
	rounded          bool   // a decimal that takes more decimals than its scale, and rounds
}

// String writes the kind as a schema does, such as decimal(18,4).
func (k kind) String() string {
	if k.name == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", k.precision, k.scale)
	}
	return k.name
}

// label is the type as the schema tells it.
func (k kind) label() string {
	if k.name == "reference_type" { // made by Reference only
		return "code"
	}
	return k.String()
}

func (k kind) isList() bool { return strings.HasPrefix(k.name, "list(") }

func (k kind) isTime() bool { return k.name == "date" || k.name == "dateTime" || k.name == "instant" }

var decimalKind = regexp.MustCompile(`^(decimal|rounded)\((\d+),(\d+)\)$`)

var (
	dictionary = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	instant    = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
)

// kinds is the Arrow type of each scalar type but decimal.
var kinds = map[string]arrow.DataType{
	"string":         arrow.BinaryTypes.String,
	"code":           dictionary,
	"id":             arrow.BinaryTypes.String,
	"reference":      arrow.BinaryTypes.String,
	"reference_raw":  arrow.BinaryTypes.String,
	"reference_type": dictionary,
	"boolean":        arrow.FixedWidthTypes.Boolean,
	"integer":        arrow.PrimitiveTypes.Int32,
	"int64":          arrow.PrimitiveTypes.Int64,
	"date":           arrow.PrimitiveTypes.Date32,
	"dateTime":       instant,
	"instant":        instant,
	"json":           arrow.BinaryTypes.String,
	"list(integer)":  arrow.ListOf(arrow.PrimitiveTypes.Int32),
	"list(string)":   arrow.ListOf(arrow.BinaryTypes.String),
	"list(code)":     arrow.ListOf(arrow.BinaryTypes.String),
}

func parseKind(s string) (kind, error) {
	if _, ok := kinds[s]; ok {
		return kind{name: s}, nil
	}
	m := decimalKind.FindStringSubmatch(s)
	if m == nil {
		return kind{}, fmt.Errorf("unknown type %q", s)
	}
	p, _ := strconv.Atoi(m[2])
	scale, _ := strconv.Atoi(m[3])
	if p < 1 || p > 38 || scale > p {
		return kind{}, fmt.Errorf("%s: want a precision of 1 to 38, and a scale no greater", s)
	}
	return kind{name: "decimal", precision: int32(p), scale: int32(scale), rounded: m[1] == "rounded"}, nil
}

func (k kind) arrow() arrow.DataType {
	if k.name == "decimal" {
		return &arrow.Decimal128Type{Precision: k.precision, Scale: k.scale}
	}
	return kinds[k.name]
}

package transform

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
)

// mappingType is all that this package knows of a type that a mapping may give a column: a
// new type is one entry of types. What the stores make of it follows from the Arrow type.
type mappingType struct {
	arrow arrow.DataType                                    // nil: see kind.arrow
	build func(*columnPlan) columnBuilder                   // its columns
	fits  func(k kind, c *chunk, leaf span) (reason string) // why a leaf has no place in such a column
	read  textReader                                        // of text columns: the text of a value

	plain  bool // the text stands in the line as it is
	time   bool // its values have a precision
	list   bool
	labels string // the type as the schema tells it, if that is another
}

var (
	dictionary = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	instant    = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
)

// types are the types by their names in a mapping; a decimal's name has parameters, too.
var types = mappingTypes()

func mappingTypes() map[string]*mappingType {
	var (
		text = mappingType{arrow: arrow.BinaryTypes.String, build: textColumn, fits: fitsText, read: readString}
		code = mappingType{arrow: dictionary, build: codeColumn, fits: fitsText, read: readString, plain: true}
		at   = mappingType{arrow: instant, build: fixedColumn(readInstant), fits: fitsRead(readDate), time: true}
	)
	return map[string]*mappingType{
		"string":         {arrow: text.arrow, build: textColumn, fits: fitsText, read: readString, plain: true},
		"code":           &code,
		"id":             &text,
		"reference":      {arrow: text.arrow, build: textColumn, fits: fitsText, read: readReferenceID},
		"reference_raw":  {arrow: text.arrow, build: textColumn, fits: fitsText, read: readReferenceRaw},
		"reference_type": {arrow: dictionary, build: codeColumn, fits: fitsText, read: readReferenceType, labels: "code"},
		"boolean":        {arrow: arrow.FixedWidthTypes.Boolean, build: func(*columnPlan) columnBuilder { return &booleans{} }, fits: fitsRead(readBoolean)},
		"integer":        {arrow: arrow.PrimitiveTypes.Int32, build: fixedColumn(readInteger), fits: fitsRead(readInteger)},
		"int64":          {arrow: arrow.PrimitiveTypes.Int64, build: fixedColumn(readInt64), fits: fitsRead(readInt64)},
		"decimal":        {build: decimalColumn, fits: fitsDecimal},
		"date":           {arrow: arrow.PrimitiveTypes.Date32, build: fixedColumn(readDate), fits: fitsRead(readDate), time: true},
		"dateTime":       &at,
		"instant":        &at,
		"json":           {arrow: text.arrow, build: textColumn, fits: func(kind, *chunk, span) string { return "" }, read: readJSON},
		"list(integer)":  {arrow: arrow.ListOf(arrow.PrimitiveTypes.Int32), build: integerLists, fits: fitsRead(readInteger), list: true},
		"list(string)":   {arrow: arrow.ListOf(arrow.BinaryTypes.String), build: textLists, fits: fitsText, list: true},
		"list(code)":     {arrow: arrow.ListOf(arrow.BinaryTypes.String), build: textLists, fits: fitsText, list: true},
	}
}

func fitsText(_ kind, _ *chunk, leaf span) string {
	if leaf.kind != kindText {
		return ValueNotText
	}
	return ""
}

func fitsRead[T any](read func(*chunk, span) (T, string)) func(kind, *chunk, span) string {
	return func(_ kind, c *chunk, leaf span) string {
		_, reason := read(c, leaf)
		return reason
	}
}

func fitsDecimal(k kind, c *chunk, leaf span) string {
	_, reason := k.readDecimal(c, leaf)
	return reason
}

// kind is a type of columns, with its parameters.
type kind struct {
	*mappingType
	name             string // in types
	precision, scale int32  // of a decimal
	rounded          bool   // a decimal that takes more decimals than its scale, and rounds
}

// kindOfName is a kind without parameters.
func kindOfName(name string) kind { return kind{mappingType: types[name], name: name} }

// String writes the kind as a schema does, such as decimal(18,4).
func (k kind) String() string {
	if k.name == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", k.precision, k.scale)
	}
	return k.name
}

// label is the type as the schema tells it.
func (k kind) label() string {
	if k.labels != "" {
		return k.labels
	}
	return k.String()
}

func (k kind) dataType() arrow.DataType {
	if k.arrow == nil {
		return &arrow.Decimal128Type{Precision: k.precision, Scale: k.scale}
	}
	return k.arrow
}

var decimalKind = regexp.MustCompile(`^(decimal|rounded)\((\d+),(\d+)\)$`)

func parseKind(s string) (kind, error) {
	if t, ok := types[s]; ok && t.arrow != nil {
		return kind{mappingType: t, name: s}, nil
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
	k := kindOfName("decimal")
	k.precision, k.scale, k.rounded = int32(p), int32(scale), m[1] == "rounded"
	return k, nil
}

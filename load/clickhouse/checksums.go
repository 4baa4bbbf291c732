package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/checksum"
	"github.com/claimlake/claimlake/internal/lineage"
)

// Checksums counts the rows of a table that readers see, and adds up the columns of the
// schema s, as the package checksum says. It reads all of these columns.
func (s *Store) Checksums(ctx context.Context, table string, schema *arrow.Schema) (checksum.Table, error) {
	sums := checksum.Table{Columns: map[string]checksum.Column{}}
	var values, totals []string
	for _, f := range schema.Fields() {
		n, bits, err := bitsOf(name(f.Name), f.Type)
		if err != nil {
			return sums, fmt.Errorf("add up %s.%s: %w", table, f.Name, err)
		}
		values = append(values, "toUInt64(sum("+n+"))")
		totals = append(totals, "sum(toUInt64(ifNull("+bits+", 0)) * "+name(lineage.Hash)+")")
	}
	var rows uint64
	var counts, sum []uint64
	sql := fmt.Sprintf("SELECT count(), [%s], [%s] FROM %s", strings.Join(values, ", "), strings.Join(totals, ", "), name(table))
	if err := s.conn.QueryRow(ctx, sql).Scan(&rows, &counts, &sum); err != nil {
		return sums, fmt.Errorf("add up %s: %w", table, terse(err))
	}
	sums.Rows = int64(rows)
	for i, f := range schema.Fields() {
		sums.Columns[f.Name] = checksum.Column{Values: counts[i], Sum: sum[i]}
	}
	return sums, nil
}

// bitsOf gives, for a row, how many values are in a column or expression, and their sum as
// 64 bits, null or 0 for none.
func bitsOf(value string, t arrow.DataType) (values, bits string, err error) {
	if l, ok := t.(*arrow.ListType); ok {
		n, element, err := bitsOf("x", l.Elem())
		return fmt.Sprintf("arraySum(x -> %s, %s)", n, value), fmt.Sprintf("arraySum((x, i) -> toUInt64(ifNull(%s, 0)) * i, %s, arrayEnumerate(%s))", element, value, value), err
	}
	values = "isNotNull(" + value + ")"
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch t := t.(type) {
	case *arrow.StringType:
		return values, "xxh3(" + value + ")", nil
	case *arrow.Date32Type:
		return values, "toInt64(toInt32(" + value + "))", nil
	case *arrow.TimestampType:
		return values, "toUnixTimestamp64Micro(" + value + ")", nil
	case *arrow.Decimal128Type:
		return values, foldOf(value, t), nil
	case *arrow.BooleanType, *arrow.Int32Type, *arrow.Int64Type:
		return values, "toInt64(" + value + ")", nil
	case *arrow.Uint64Type:
		return values, value, nil
	}
	return "", "", fmt.Errorf("no checksum for Arrow's %s", t)
}

// foldOf is checksum's fold of a decimal: its unscaled value.
func foldOf(value string, t *arrow.Decimal128Type) string {
	const exactIn64 = 18 // digits
	if t.Precision <= exactIn64 {
		return "reinterpretAsInt64(" + value + ")"
	}
	low := "bitAnd(reinterpretAsUInt128(" + value + "), toUInt128(18446744073709551615))"
	high := "bitShiftRight(reinterpretAsUInt128(" + value + "), 64)"
	return fmt.Sprintf("toUInt64(%[1]s) + 31 * (toUInt64(%[2]s) + bitShiftRight(toUInt64(%[1]s), 63))", low, high)
}

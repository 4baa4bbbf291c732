// Package checksum says of a table, in a few numbers, what both stores must have in it:
//
//	Arrow batches of the lake ──Sums──┐
//	                                   ├── equal, or the column that differs
//	ClickHouse's rows ──SQL (load/clickhouse)──┘
//
// Of each column it has how many rows have a value, and the sum of the values as 64 bits,
// each times the hash of its row's line, which wraps around: so a value that changed is
// seen, and one that two rows have exchanged. Dates and times are first brought into the
// years 1900 to 2299, which is all that ClickHouse holds.
package checksum

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/lineage"
)

// The first and last of the days and times that both stores hold.
const (
	FirstDay  = -25567            // 1900-01-01
	LastDay   = 120529            // 2299-12-31
	FirstTime = -2208988800000000 // µs
	LastTime  = 10413791999999999
)

// Column is what a column has.
type Column struct {
	Values uint64 // rows with one; elements, where it has lists
	Sum    uint64
}

// Table is what the rows of a table have, by column.
type Table struct {
	Rows    int64
	Columns map[string]Column
}

// Sums adds up batches of a table.
type Sums struct {
	Table
	schema *arrow.Schema
	hash   int // column _hash
}

// New makes Sums for batches of a schema, which has the column _hash.
func New(s *arrow.Schema) (*Sums, error) {
	at := s.FieldIndices(lineage.Hash)
	if len(at) != 1 {
		return nil, fmt.Errorf("add up a table without %s", lineage.Hash)
	}
	sums := &Sums{schema: s, hash: at[0], Table: Table{Columns: map[string]Column{}}}
	for _, f := range s.Fields() {
		sums.Columns[f.Name] = Column{}
	}
	return sums, nil
}

// Add adds the rows of a batch.
func (s *Sums) Add(rec arrow.Record) error {
	hashes, ok := rec.Column(s.hash).(*array.Uint64)
	if !ok {
		return fmt.Errorf("%s of type %s", lineage.Hash, rec.Column(s.hash).DataType())
	}
	s.Rows += rec.NumRows()
	for i, f := range s.schema.Fields() {
		if rec.Column(i).NullN() == rec.Column(i).Len() {
			continue
		}
		value, err := valuesOf(rec.Column(i))
		if err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
		c := s.Columns[f.Name]
		for row := range int(rec.NumRows()) {
			values, sum := value(row)
			c.Values += values
			c.Sum += sum * hashes.Value(row)
		}
		s.Columns[f.Name] = c
	}
	return nil
}

// valuesOf gives how many values a row has, and their sum.
func valuesOf(a arrow.Array) (func(row int) (values, sum uint64), error) {
	if l, ok := a.(*array.List); ok {
		element, err := valuesOf(l.ListValues())
		if err != nil {
			return nil, err
		}
		return func(row int) (values, sum uint64) {
			if l.IsNull(row) {
				return 0, 0
			}
			from, to := l.ValueOffsets(row)
			for place := from; place < to; place++ {
				n, v := element(int(place))
				values += n
				sum += v * uint64(place-from+1)
			}
			return values, sum
		}, nil
	}
	bits, err := bitsOf(a)
	if err != nil {
		return nil, err
	}
	return func(row int) (uint64, uint64) {
		if a.IsNull(row) {
			return 0, 0
		}
		return 1, bits(row)
	}, nil
}

// bitsOf gives the value of a row as 64 bits.
func bitsOf(a arrow.Array) (func(row int) uint64, error) {
	switch a := a.(type) {
	case *array.Date32:
		return func(row int) uint64 { return uint64(min(max(int64(a.Value(row)), FirstDay), LastDay)) }, nil
	case *array.Timestamp:
		return func(row int) uint64 { return uint64(min(max(int64(a.Value(row)), FirstTime), LastTime)) }, nil
	case *array.Decimal128:
		return func(row int) uint64 { return fold(a.Value(row)) }, nil
	case *array.Boolean:
		return func(row int) uint64 {
			if a.Value(row) {
				return 1
			}
			return 0
		}, nil
	case *array.Int32:
		return func(row int) uint64 { return uint64(int64(a.Value(row))) }, nil
	case *array.Int64:
		return func(row int) uint64 { return uint64(a.Value(row)) }, nil
	case *array.Uint64:
		return a.Value, nil
	case *array.String:
		return func(row int) uint64 { return xxh3.HashString(a.Value(row)) }, nil
	case *array.Dictionary:
		return ofDictionary(a)
	}
	return nil, fmt.Errorf("no checksum for values of type %s", a.DataType())
}

// ofDictionary hashes each word once.
func ofDictionary(a *array.Dictionary) (func(row int) uint64, error) {
	bits, err := bitsOf(a.Dictionary())
	if err != nil {
		return nil, err
	}
	words := make([]uint64, a.Dictionary().Len())
	for i := range words {
		words[i] = bits(i)
	}
	return func(row int) uint64 { return words[a.GetValueIndex(row)] }, nil
}

// fold is a decimal as 64 bits: its unscaled value, if that has no more.
func fold(d decimal128.Num) uint64 {
	return d.LowBits() + 31*uint64(d.HighBits()-int64(d.LowBits())>>63)
}

package clickhouse

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
)

// block collects the rows of one table until they are sent.
type block struct {
	layout
	number  constant // of the run, in each row
	columns []column
	blank   []bool // of each column: only nulls so far, of which it holds nothing
	rows    int
	bytes   int // held in memory
}

func newBlock(l layout, run uint32) (*block, error) {
	b := &block{layout: l, number: constant{value: run}}
	for _, f := range l.schema.Fields() {
		c, err := newColumn(f.Type, f.Nullable)
		if err != nil {
			return nil, fmt.Errorf("table %s, column %s: %w", l.Name, f.Name, err)
		}
		b.columns = append(b.columns, c)
		b.blank = append(b.blank, f.Nullable)
	}
	return b, nil
}

// add appends the rows of rec, whose columns are the schema's.
func (b *block) add(rec arrow.Record) error {
	if !sameColumns(rec.Schema(), b.schema) {
		return fmt.Errorf("table %s: the batch has other columns than the mapping", b.Name)
	}
	b.bytes = 0
	for i, c := range b.columns {
		if err := b.addTo(i, rec.Column(i)); err != nil {
			return fmt.Errorf("table %s, column %s: %w", b.Name, b.Columns[i].Name, err)
		}
		b.bytes += c.size()
	}
	b.number.grow(int(rec.NumRows()))
	b.rows += int(rec.NumRows())
	return nil
}

// addTo appends a batch's values to a column. Columns without a value are common: a
// mapping names what any payer sends.
func (b *block) addTo(i int, a arrow.Array) error {
	if b.blank[i] {
		if a.NullN() == a.Len() {
			return nil
		}
		b.blank[i] = false
		b.columns[i].skip(b.rows)
	}
	return b.columns[i].add(a)
}

func sameColumns(a, b *arrow.Schema) bool {
	if a == b {
		return true
	}
	if a.NumFields() != b.NumFields() {
		return false
	}
	for i, f := range a.Fields() {
		if g := b.Field(i); f.Name != g.Name || !arrow.TypeEqual(f.Type, g.Type) {
			return false
		}
	}
	return true
}

// insert is the statement that the rows belong to.
func (b *block) insert() string {
	var columns []string
	for i := range b.filled() {
		columns = append(columns, b.Columns[i].Name)
	}
	return "INSERT INTO " + name(b.Versions()) + " (" + names("", append(columns, runNumber)) + ")"
}

// filled are the columns that have values. Of the others ClickHouse makes nulls.
func (b *block) filled() iter.Seq2[int, column] {
	return func(yield func(int, column) bool) {
		for i, c := range b.columns {
			if !b.blank[i] && !yield(i, c) {
				return
			}
		}
	}
}

// native reads the block in ClickHouse's Native format, revision 0: counts,
// then for each column its name, type and values.
func (b *block) native() io.Reader {
	columns := 1
	var parts []io.Reader
	for i, c := range b.filled() {
		columns++
		parts = append(parts, columnHead(b.Columns[i].Name, b.Columns[i].Type, c.prefix()), read(c.parts()))
	}
	head := binary.AppendUvarint(nil, uint64(columns))
	head = binary.AppendUvarint(head, uint64(b.rows))
	parts = append(parts, columnHead(runNumber, "UInt32", nil), read(b.number.data.pieces))
	return io.MultiReader(bytes.NewReader(head), io.MultiReader(parts...))
}

func columnHead(name, typ string, prefix []byte) io.Reader {
	head := binary.AppendUvarint(nil, uint64(len(name)))
	head = append(head, name...)
	head = binary.AppendUvarint(head, uint64(len(typ)))
	head = append(head, typ...)
	return bytes.NewReader(append(head, prefix...))
}

func read(parts [][]byte) io.Reader {
	readers := make([]io.Reader, len(parts))
	for i, p := range parts {
		readers[i] = bytes.NewReader(p)
	}
	return io.MultiReader(readers...)
}

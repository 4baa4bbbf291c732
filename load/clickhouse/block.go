package clickhouse

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
)

// block collects the rows of one table until they are sent.
type block struct {
	layout
	number  constant // of the run, in each row
	columns []column
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
		if err := c.add(rec.Column(i)); err != nil {
			return fmt.Errorf("table %s, column %s: %w", b.Name, b.Columns[i].Name, err)
		}
		b.bytes += c.size()
	}
	b.number.grow(int(rec.NumRows()))
	b.rows += int(rec.NumRows())
	return nil
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
	return "INSERT INTO " + name(b.Versions()) + " (" + names("", append(b.ColumnNames(), runNumber)) + ")"
}

// native reads the block in ClickHouse's Native format, revision 0: counts,
// then for each column its name, type and values.
func (b *block) native() io.Reader {
	head := binary.AppendUvarint(nil, uint64(len(b.columns)+1))
	head = binary.AppendUvarint(head, uint64(b.rows))
	parts := []io.Reader{bytes.NewReader(head)}
	for i, c := range b.columns {
		parts = append(parts, columnHead(b.Columns[i].Name, b.Columns[i].Type, c.prefix()), read(c.parts()))
	}
	return io.MultiReader(append(parts, columnHead(runNumber, "UInt32", nil), bytes.NewReader(b.number.data))...)
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

// reset forgets the rows and keeps the memory.
func (b *block) reset() {
	for _, c := range b.columns {
		c.reset()
	}
	b.number.data, b.rows, b.bytes = b.number.data[:0], 0, 0
}

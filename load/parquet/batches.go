package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	pq "github.com/parquet-go/parquet-go"
)

// batchRows is how many rows a batch has that is read back, at most.
const batchRows = 2048

// ShownPart is a part of what readers see, or of the tombstones that still count.
type ShownPart struct {
	Table string
	Path  string // relative to the lake, with slashes
	Bytes int64

	sum string // SHA-256, hex; "" where it is not known
}

// ShownParts lists the parts of what readers see, and of the tombstones that still
// count.
func (l *Lake) ShownParts() ([]ShownPart, error) {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return nil, err
	}
	parts, err := l.shown(current)
	var out []ShownPart
	for _, in := range parts {
		info, statErr := os.Stat(l.abs(in.path))
		if err = errors.Join(err, statErr); err != nil {
			break
		}
		out = append(out, ShownPart{in.table, in.path, info.Size(), in.sum})
	}
	if err != nil {
		return nil, fmt.Errorf("list the lake's parts: %w", err)
	}
	return out, nil
}

// Batches reads a part back: do gets those rows whose run is wanted, as batches with the
// columns of the table's schema s, each of rows of one run. A column that the part has
// not got is null. The batch is gone after the call. The error is ErrDamaged or
// ErrSchema where the part cannot be read so: its bytes are looked at first.
func (l *Lake) Batches(ctx context.Context, part ShownPart, s *arrow.Schema, wanted func(runID string) bool, do func(arrow.Record) error) error {
	if err := unaltered(l.abs(part.Path), part.sum); err != nil {
		return fmt.Errorf("part %s: %w", path.Base(part.Path), err)
	}
	return withPart(l.abs(part.Path), func(p *partFile) error {
		if p.runID != "" && !wanted(p.runID) {
			return nil
		}
		for _, g := range p.parts.RowGroups() {
			if err := p.groupBatches(ctx, g, s, wanted, do); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *partFile) groupBatches(ctx context.Context, g pq.RowGroup, s *arrow.Schema, wanted func(string) bool, do func(arrow.Record) error) (err error) {
	run, err := p.runs(g)
	if err != nil {
		return err
	}
	readers, err := p.columnReaders(g, s)
	defer readers.close()
	for row, rows := 0, int(g.NumRows()); row < rows && err == nil; {
		end := row + 1
		for end < min(rows, row+batchRows) && run(end) == run(row) {
			end++
		}
		if err = ctx.Err(); err == nil {
			err = readers.read(s, end-row, wanted(run(row)), do)
		}
		row = end
	}
	return err
}

// columnReaders read the columns of a row group side by side.
type columnReaders []*columnReader

// columnReaders opens the columns that the schema has.
func (p *partFile) columnReaders(g pq.RowGroup, s *arrow.Schema) (out columnReaders, err error) {
	for _, f := range s.Fields() {
		r := &columnReader{}
		if r.leaf, _, err = leafOf(f); err != nil {
			return out, err
		}
		switch at := p.schema.FieldIndices(f.Name); {
		case len(at) == 0 && !f.Nullable:
			return out, fmt.Errorf("%w: column %s is missing", ErrSchema, f.Name)
		case len(at) == 0:
		case !arrow.TypeEqual(p.schema.Field(at[0]).Type, f.Type):
			return out, fmt.Errorf("%w: column %s is %s, the mapping wants %s", ErrSchema, f.Name, p.schema.Field(at[0]).Type, f.Type)
		default:
			r.pages = g.ColumnChunks()[at[0]].Pages()
		}
		out = append(out, r)
	}
	return out, nil
}

// read gives the next rows to do, if they are wanted.
func (c columnReaders) read(s *arrow.Schema, rows int, wanted bool, do func(arrow.Record) error) error {
	columns := make([]arrow.Array, 0, len(c))
	defer func() {
		for _, a := range columns {
			a.Release()
		}
	}()
	for _, r := range c {
		a, err := r.read(rows)
		if err != nil {
			return fmt.Errorf("column %s: %w", r.leaf.field.Name, err)
		}
		columns = append(columns, a)
	}
	if !wanted {
		return nil
	}
	rec := array.NewRecord(s, columns, int64(rows))
	defer rec.Release()
	return do(rec)
}

func (c columnReaders) close() {
	for _, r := range c {
		r.close()
	}
}

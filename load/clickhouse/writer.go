package clickhouse

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// Limits of what a Writer holds before it sends. Large blocks make few parts,
// which is what ClickHouse wants.
const (
	maxBlockRows  = 500_000
	maxBlockBytes = 16 << 20
	maxHeldBytes  = 40 << 20 // over all tables of a Writer
)

// Writer inserts batches into a run's partition of the tables. It is for one
// goroutine. Rows are durable after Flush.
type Writer struct {
	run    *Run
	blocks map[string]*block
	held   int // bytes
}

// Write takes the rows of rec, whose schema is one of the run's. rec may be
// released afterwards. The error is ClickHouse's, without any value of a row,
// or says that the batch is of another mapping.
func (w *Writer) Write(ctx context.Context, rec arrow.Record) error {
	b, err := w.block(rec.Schema())
	if err != nil {
		return err
	}
	before := b.bytes
	if err := b.add(rec); err != nil {
		return err
	}
	w.held += b.bytes - before
	if b.rows >= maxBlockRows || b.bytes >= maxBlockBytes {
		return w.send(ctx, b)
	}
	if w.held >= maxHeldBytes {
		return w.send(ctx, w.largest())
	}
	return nil
}

// Flush sends what is held. After it all rows written so far are in their
// tables.
func (w *Writer) Flush(ctx context.Context) error {
	for _, b := range w.blocks {
		if b.rows == 0 {
			continue
		}
		if err := w.send(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// block is the one that collects the rows of a table.
func (w *Writer) block(s *arrow.Schema) (*block, error) {
	t, err := table.Of(s)
	if err != nil {
		return nil, err
	}
	if b, ok := w.blocks[t.Name]; ok {
		return b, nil
	}
	l, ok := w.run.layouts[t.Name]
	if !ok {
		return nil, fmt.Errorf("table %s is not one of the run's", t.Name)
	}
	b, err := newBlock(l, w.run.number)
	if err != nil {
		return nil, err
	}
	w.blocks[t.Name] = b
	return b, nil
}

func (w *Writer) largest() *block {
	var out *block
	for _, b := range w.blocks {
		if out == nil || b.bytes > out.bytes {
			out = b
		}
	}
	return out
}

func (w *Writer) send(ctx context.Context, b *block) error {
	held, rows := b.bytes, b.rows
	if err := w.run.store.send(ctx, b); err != nil {
		return err
	}
	w.held -= held
	delete(w.blocks, b.Name) // its memory is worth more to the tables that grow now
	w.run.wrote(b.Name, rows)
	return nil
}

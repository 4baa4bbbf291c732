package parquet

import (
	"fmt"
	"path"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/uuid"

	"github.com/claimlake/claimlake/internal/table"
)

// Limits of what a Writer holds before it writes a row group.
const (
	maxGroupRows  = 128 << 10
	maxGroupBytes = 16 << 20 // of a table
	maxHeldBytes  = 40 << 20 // over all tables
)

// Part is a Parquet file that holds rows of a run.
type Part struct {
	Table  string
	Path   string // relative to the lake, with slashes
	Rows   int64
	Bytes  int64
	SHA256 string // hex
}

// Writer writes batches to parts of a run. It is for one goroutine. Rows are
// durable after Flush.
type Writer struct {
	run    *Run
	tables map[string]*tableWriter
	order  []*tableWriter
	held   int // bytes
}

// tableWriter is the part of one table that is being written.
type tableWriter struct {
	layout *layout
	chunks []*chunk
	rows   int // of the row group at hand
	bytes  int // held
	file   *file
	path   string // of file, relative to the lake
}

// Write takes the rows of rec, whose schema is one of the run's. rec may be
// released afterwards. After an error the Writer may not be used any more.
func (w *Writer) Write(rec arrow.Record) error {
	t, err := w.table(rec.Schema())
	if err != nil {
		return err
	}
	before := t.bytes
	if err := t.add(rec); err != nil {
		return fmt.Errorf("write %s: %w", t.layout.Name, err)
	}
	w.held += t.bytes - before
	if t.rows >= maxGroupRows || t.bytes >= maxGroupBytes {
		return w.endGroup(t)
	}
	if w.held >= maxHeldBytes {
		return w.endGroup(w.largest())
	}
	return nil
}

// Flush ends the open parts and makes them durable: what it returns is in its
// place, complete, and will be after a crash. The parts are the run's once the
// ledger knows them.
func (w *Writer) Flush() ([]Part, error) {
	var parts []Part
	for _, t := range w.order {
		if t.rows > 0 {
			if err := w.endGroup(t); err != nil {
				return nil, err
			}
		}
		if t.file == nil {
			continue
		}
		part, err := t.file.close(t.layout, w.run.id)
		if err != nil {
			return nil, err
		}
		part.Path, t.file = t.path, nil
		parts = append(parts, part)
	}
	for _, p := range parts {
		if err := syncDir(w.run.lake.abs(path.Dir(p.Path))); err != nil {
			return nil, fmt.Errorf("write part of %s: %w", p.Table, err)
		}
	}
	return parts, nil
}

// Discard gives up what was written since the last Flush. The Writer may not be
// used any more.
func (w *Writer) Discard() {
	for _, t := range w.order {
		if t.file != nil {
			t.file.abandon()
		}
	}
	w.tables, w.order = nil, nil
}

// table is the one that collects rows of the schema.
func (w *Writer) table(s *arrow.Schema) (*tableWriter, error) {
	t, err := table.Of(s)
	if err != nil {
		return nil, err
	}
	if out, ok := w.tables[t.Name]; ok && (out.layout.schema == s || out.layout.schema.Equal(s)) {
		return out, nil
	}
	l, ok := w.run.layouts[t.Name]
	if !ok || !l.schema.Equal(s) {
		return nil, fmt.Errorf("table %s is not one of the run's, or has other columns", t.Name)
	}
	out := newTableWriter(l)
	w.tables[t.Name] = out
	w.order = append(w.order, out)
	return out, nil
}

func newTableWriter(l *layout) *tableWriter {
	t := &tableWriter{layout: l}
	for i := range l.leaves {
		t.chunks = append(t.chunks, newChunk(&l.leaves[i]))
	}
	return t
}

func (t *tableWriter) add(rec arrow.Record) error {
	t.bytes = 0
	for i, c := range t.chunks {
		if err := c.add(rec.Column(i)); err != nil {
			return err
		}
		t.bytes += c.size()
	}
	t.rows += int(rec.NumRows())
	return nil
}

func (w *Writer) largest() *tableWriter {
	out := w.order[0]
	for _, t := range w.order {
		if t.bytes > out.bytes {
			out = t
		}
	}
	return out
}

// endGroup writes a table's row group to its part.
func (w *Writer) endGroup(t *tableWriter) error {
	if t.file == nil {
		name, err := uuid.NewV7() // never that of another process or Writer
		if err != nil {
			return fmt.Errorf("name a part: %w", err)
		}
		t.path = path.Join(w.run.dir(), t.layout.Name, "part-"+name.String()+".parquet")
		if t.file, err = create(w.run.lake.abs(t.path)); err != nil {
			return fmt.Errorf("write part of %s: %w", t.layout.Name, err)
		}
	}
	w.held -= t.bytes
	err := t.file.writeGroup(t.chunks)
	t.rows, t.bytes = 0, 0
	if err != nil {
		return fmt.Errorf("write part of %s: %w", t.layout.Name, err)
	}
	return nil
}

package parquet

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/table"
)

// Limits of what a Writer holds. Memory counts whether it is in use or not.
const (
	maxGroupRows  = 128 << 10
	maxGroupBytes = 16 << 20 // of a table
	maxHeldBytes  = 32 << 20 // over all tables
	looseShare    = 32       // the part of it in a table's current pages that is worth an end of the pages
	maxClosing    = 8        // parts that the disk takes at a time
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
	room   int // maxHeldBytes
	tables map[string]*tableWriter
	order  []*tableWriter
	scratch
}

// Write takes the rows of rec, whose schema is one of the run's. rec may be
// released afterwards. After an error the Writer must not be used again.
func (w *Writer) Write(rec arrow.Record) error {
	t, err := w.table(rec.Schema())
	if err != nil {
		return err
	}
	if err := t.add(rec); err != nil {
		return fmt.Errorf("write %s: %w", t.layout.Name, err)
	}
	if t.rows >= maxGroupRows || t.held >= maxGroupBytes {
		if err := w.endGroup(t); err != nil {
			return err
		}
	}
	return w.shrink()
}

// shrink frees memory until what is held fits the limit. It ends pages where most is in
// current pages, which are much smaller once encoded; only where those are small already
// it ends the row group of a table, since readers want large ones.
func (w *Writer) shrink() error {
	held := 0
	for _, t := range w.order {
		held += t.held
	}
	for held > w.room {
		t := slices.MaxFunc(w.order, func(a, b *tableWriter) int { return cmp.Compare(a.loose, b.loose) })
		end := t.shrink
		if t.loose < w.room/looseShare {
			t = slices.MaxFunc(w.order, func(a, b *tableWriter) int { return cmp.Compare(a.held, b.held) })
			end = func() error { return w.endGroup(t) }
		}
		held -= t.held
		if err := end(); err != nil {
			return err
		}
		held += t.held
	}
	return nil
}

// Flush ends the open parts and makes them durable: what it returns is in its
// place, complete, and will be after a crash. The parts are the run's once the
// ledger knows them. While the disk takes one part, the next is encoded.
func (w *Writer) Flush() ([]Part, error) {
	var g errgroup.Group
	g.SetLimit(maxClosing)
	var parts []*Part
	for _, t := range w.order {
		if err := w.endGroup(t); err != nil {
			return nil, errors.Join(err, g.Wait())
		}
		if t.file == nil {
			continue
		}
		file, part := t.file, &Part{Path: t.path}
		t.file = nil
		parts = append(parts, part)
		g.Go(func() error { return w.run.finish(file, t.layout, part) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = *p
	}
	return out, nil
}

// finish makes a file a part.
func (r *Run) finish(f *file, l *layout, part *Part) error {
	done, err := f.close(l, r.id)
	if err != nil {
		return err
	}
	done.Path = part.Path
	*part = done
	if err := durable.SyncDir(r.lake.abs(path.Dir(part.Path))); err != nil {
		return fmt.Errorf("write part of %s: %w", part.Table, err)
	}
	return nil
}

// Discard drops what was written since the last Flush. The Writer must not be used
// afterwards.
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
	out := newTableWriter(l, &w.scratch)
	w.tables[t.Name] = out
	w.order = append(w.order, out)
	return out, nil
}

// endGroup writes a table's row group, if there is one, to its part.
func (w *Writer) endGroup(t *tableWriter) error {
	if t.rows == 0 {
		return nil
	}
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
	if err := t.file.writeGroup(t.chunks); err != nil {
		return fmt.Errorf("write part of %s: %w", t.layout.Name, err)
	}
	t.rows = 0
	t.free()
	return nil
}

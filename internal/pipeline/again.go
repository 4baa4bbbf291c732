package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// lineOf tells a line of any run.
type lineOf struct {
	run, file string
	line      int64
}

// loadAgain loads the rows of some copies once more, as they are in the lake's parts, under
// the versions that they need: no line is read again, and what a policy made of them stays.
func (r *run) loadAgain(ctx context.Context, u rankRules, root table.Table, list []reload) (err error) {
	w, err := r.newWorker()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	var lines parquet.Lines
	of := map[lineOf]rewritten{}
	files := map[string]*ledger.Page{} // without counts: the lines are counted where they were read
	for _, a := range list {
		lines.Add(a.RunID, a.FileID, a.Line)
		run, file := u.runs[a.RunID].Number, a.FileID
		if first, name, was := lineage.AgainOf(a.FileID); was {
			run, file = first, name
		}
		id := lineage.AgainFile(run, file)
		of[lineOf{a.RunID, a.FileID, a.Line}] = rewritten{file: id, version: a.version, exported: a.exported}
		p := files[id]
		if p == nil {
			p = &ledger.Page{File: id, First: a.Line}
			files[id] = p
		}
		last := max(a.Line, p.First+int64(p.Lines)-1)
		p.First = min(p.First, a.Line)
		p.Lines = int(last - p.First + 1)
	}
	if err := r.beginAgain(ctx, root, files); err != nil {
		return err
	}
	for _, s := range r.options.Plan.Schemas() {
		if err := r.rowsAgain(ctx, w, root, s, lines, of); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(files)) {
		w.pending.Pages = append(w.pending.Pages, *files[id])
	}
	if err := w.checkpoint(ctx); err != nil {
		return err
	}
	for id := range files {
		if err := r.tracker.read(ctx, id, ""); err != nil {
			return err
		}
	}
	return nil
}

// beginAgain records the files that the lines of copies which are loaded once more are of.
func (r *run) beginAgain(ctx context.Context, root table.Table, files map[string]*ledger.Page) error {
	for id := range files {
		run, file, _ := lineage.AgainOf(id)
		f := File{ID: id, Name: fmt.Sprintf("(copies of file %s of run %d that count, loaded once more)", file, run), ResourceType: root.Resource, Announced: -1, Bytes: -1}
		if err := r.ledger.AddFiles(ctx, r.ID, []ledger.File{f.record()}); err != nil {
			return err
		}
		r.tracker.begin(f)
		r.tracker.sent(id)
	}
	return nil
}

// rowsAgain loads the rows of one table, if it is one of the root's.
func (r *run) rowsAgain(ctx context.Context, w *worker, root table.Table, s *arrow.Schema, lines parquet.Lines, of map[lineOf]rewritten) error {
	t, err := table.Of(s)
	if err != nil || t.Root != root.Root {
		return err
	}
	paths, err := r.partsOf(ctx, t.Name)
	if err != nil {
		return err
	}
	shown, err := r.parquet.ShownPaths(t.Name)
	if err != nil {
		return err
	}
	return r.parquet.RowsOf(ctx, slices.Concat(paths, shown), s, lines, func(rec arrow.Record) error {
		b, err := r.rewrite(rec, of)
		if err != nil {
			return err
		}
		defer b.Release()
		return w.store(ctx, &transform.Result{Batches: []arrow.Record{b}})
	})
}

// rewritten is what rows that are loaded once more say of where they are from.
type rewritten struct {
	file     string
	version  time.Time
	exported time.Time // zero for what they say
}

// rewrite gives rows the lineage that they get when they are loaded once more.
func (r *run) rewrite(rec arrow.Record, of map[lineOf]rewritten) (arrow.Record, error) {
	column := func(name string) arrow.Array { return rec.Column(rec.Schema().FieldIndices(name)[0]) }
	run, isText := column(lineage.RunID).(*array.Dictionary)
	file, isFile := column(lineage.FileID).(*array.Dictionary)
	line, isNumber := column(lineage.Line).(*array.Int64)
	exported, isTime := column(lineage.TransactionTime).(*array.Timestamp)
	if !isText || !isFile || !isNumber || !isTime {
		return nil, errors.New("lineage columns of other types")
	}
	text := func(d *array.Dictionary, row int) string {
		return d.Dictionary().(*array.String).Value(d.GetValueIndex(row))
	}
	runs := array.NewBuilder(memory.DefaultAllocator, run.DataType()).(*array.BinaryDictionaryBuilder)
	names := array.NewBuilder(memory.DefaultAllocator, file.DataType()).(*array.BinaryDictionaryBuilder)
	versions := array.NewBuilder(memory.DefaultAllocator, exported.DataType()).(*array.TimestampBuilder)
	times := array.NewBuilder(memory.DefaultAllocator, exported.DataType()).(*array.TimestampBuilder)
	var problems []error
	for row := range int(rec.NumRows()) {
		as := of[lineOf{text(run, row), text(file, row), line.Value(row)}]
		problems = append(problems, runs.AppendString(r.ID), names.AppendString(as.file))
		versions.Append(arrow.Timestamp(as.version.UnixMicro()))
		if as.exported.IsZero() {
			times.Append(exported.Value(row))
		} else {
			times.Append(arrow.Timestamp(as.exported.UnixMicro()))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	columns := slices.Clone(rec.Columns())
	for name, b := range map[string]array.Builder{lineage.RunID: runs, lineage.FileID: names, lineage.Version: versions, lineage.TransactionTime: times} {
		a := b.NewArray()
		defer a.Release()
		columns[rec.Schema().FieldIndices(name)[0]] = a
	}
	return array.NewRecord(rec.Schema(), columns, rec.NumRows()), nil
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/parquet"
)

// Filled says what Fill loaded.
type Filled struct {
	Runs int   // that ClickHouse lacked
	Rows int64 // of them that count, tombstones too
}

// ErrUnfinished says that a run was interrupted which has to end, one way or the other,
// before ClickHouse is filled.
var ErrUnfinished = errors.New("it was interrupted: claimlake resume or claimlake cancel it first")

// Fill loads into ClickHouse those runs of the lake that it lacks: they were loaded
// without it, or its database is a new one. The rows come from the lake's Parquet files;
// no server is asked, and the lake stays as it is. Readers see all of the runs at once,
// and interrupted anywhere it begins again. At the end both stores are compared. The error
// is an ErrUnfinished where there is an interrupted run, and ErrDiffer where the stores do
// not show the same then.
func Fill(ctx context.Context, o Options) (f Filled, err error) {
	o.leave = true
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	l, err := openLake(ctx, o)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if l.open != nil {
		return f, fmt.Errorf("run %d: %w", l.open.Number, ErrUnfinished)
	}
	lack, err := l.lacking(ctx)
	if err != nil {
		return f, err
	}
	if len(lack) > 0 {
		if f, err = l.fill(ctx, lack); err != nil {
			return f, fmt.Errorf("fill ClickHouse: %w", err)
		}
	}
	if err := l.options.Warehouse.FillViews(ctx); err != nil {
		return f, err
	}
	differ, err := l.differences(ctx, everyColumn)
	if err == nil && len(differ) > 0 {
		err = fmt.Errorf("%w: %s %s, and %d more%s", ErrDiffer, differ[0].Subject, differ[0].Text, len(differ)-1, wayOut)
	}
	return f, err
}

// fill loads the rows of the runs as those of the last of them. Of all copies of a
// resource the lake shows the one that counts, so that their ranks among the runs
// no longer decide anything.
func (l *lake) fill(ctx context.Context, runs []ledger.Run) (f Filled, err error) {
	begun := time.Now()
	if err := l.options.Audit.Append(audit.Event{Action: "warehouse.fill", Counts: map[string]int64{"runs": int64(len(runs))}}); err != nil {
		return f, err
	}
	f.Runs = len(runs)
	defer func() {
		err = errors.Join(err, l.options.Audit.Append(audit.Event{
			Action: "warehouse.filled", Outcome: outcome(err), Category: Category(err), Millis: time.Since(begun).Milliseconds(), Counts: map[string]int64{"runs": int64(f.Runs), "rows": f.Rows},
		}))
	}()
	last := runs[len(runs)-1]
	into, err := l.options.Warehouse.Begin(ctx, last.ID, last.Number, l.options.Plan.Schemas())
	if err != nil {
		return f, err
	}
	filling := &filling{lake: l, into: into, wanted: map[string]bool{}, schemas: map[string]*arrow.Schema{}}
	var names []clickhouse.RunName
	for _, r := range runs {
		filling.wanted[r.ID] = true
		names = append(names, clickhouse.RunName{Number: r.Number, ID: r.ID})
	}
	if err := filling.load(ctx); err != nil {
		return f, err
	}
	f.Rows = filling.rows.Load()
	for _, r := range runs {
		if err := (&run{lake: l, Run: r, asked: r.Started}).recordWarehouse(ctx); err != nil {
			return f, err
		}
	}
	if err := l.options.step("show what was filled"); err != nil {
		return f, err
	}
	err = into.PromoteWith(ctx, names[:len(names)-1])
	l.warnUnkept(into)
	return f, err
}

// filling is a fill in the making.
type filling struct {
	lake    *lake
	into    *clickhouse.Run
	wanted  map[string]bool          // ids of runs
	schemas map[string]*arrow.Schema // by table
	rows    atomic.Int64
}

// load sends what the lake shows of the runs, several parts at once.
func (f *filling) load(ctx context.Context) error {
	for _, s := range f.lake.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		f.schemas[t.Name] = s
	}
	parts, err := f.lake.parquet.ShownParts()
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	queue := make(chan parquet.ShownPart)
	g.Go(func() error {
		defer close(queue)
		for _, p := range parts {
			select {
			case queue <- p:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range f.lake.options.Workers {
		g.Go(func() error { return f.work(ctx, queue) })
	}
	return g.Wait()
}

func (f *filling) work(ctx context.Context, queue <-chan parquet.ShownPart) error {
	w := f.into.NewWriter()
	for p := range queue {
		s := f.schemas[p.Table]
		if s == nil {
			f.lake.options.Log.Warn("a table of the lake no longer has a mapping, and is not loaded", "table", p.Table)
			continue
		}
		if err := f.send(ctx, w, p, s); err != nil {
			return err
		}
	}
	return w.Flush(ctx)
}

func (f *filling) send(ctx context.Context, w *clickhouse.Writer, p parquet.ShownPart, s *arrow.Schema) error {
	seen := f.lake.options.Observer
	seen.Begin(File{ID: p.Path, Name: p.Path, Bytes: p.Bytes})
	defer seen.End(p.Path)
	err := f.lake.parquet.Batches(ctx, p, s, func(runID string) bool { return f.wanted[runID] }, func(rec arrow.Record) error {
		f.rows.Add(rec.NumRows())
		seen.Read(p.Path, 0, rec.NumRows())
		return w.Write(ctx, rec)
	})
	seen.Read(p.Path, p.Bytes, 0)
	return err
}

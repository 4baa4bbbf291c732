package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/parquet"
)

// ErrIncomplete says that some files of a run could not be read to their end.
var ErrIncomplete = errors.New("the run is incomplete")

// run is one run on an open lake.
type run struct {
	*lake
	ledger.Run
	source    Source
	batch     Batch
	asked     time.Time // when its files were requested
	buffers   *extract.Buffers
	parts     *parquet.Run
	partition *clickhouse.Run // nil: Parquet only
	known     known
	loaded    outranked // copies that must not outrank its deletions
	older     bool      // there are rows that other mappings made
	goneOn    bool      // an earlier process began it
	forgot    bool      // what lines came then is not known, since an older claimlake began it
	tracker   *tracker
	rows      map[string]int64 // rows that it brought, by table
	postponed []ledger.Finding // types of which nothing was taken for absent, and why

	mu      sync.Mutex
	failed  []error          // of files
	nobodys map[string]int64 // rows without the reference that each should have, by column
}

// Run loads what source gives into the lake and, if there is one, the warehouse.
// Readers see all of it or nothing. The Report tells what became of it, also
// together with an error.
func Run(ctx context.Context, o Options, source Source) (report Report, err error) {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	l, err := openLake(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := l.mayReplace(ctx); err != nil {
		return Report{}, err
	}
	if err := l.payOwed(ctx, source); err != nil {
		return Report{}, err
	}
	resumed := l.open != nil
	if o.Only != "" && !resumed {
		return l.completed(ctx)
	}
	report, err = l.run(ctx, source)
	if errors.Is(err, ErrHeld) && !resumed && o.Checks.Second > 0 {
		return l.again(ctx, source, report, err)
	}
	if !resumed || o.Only != "" || !spent(err) || ctx.Err() != nil {
		return report, err
	}
	o.Log.Warn("cannot resume the export; starting a new one", "run", report.Run.ID, "cause", err)
	l.open = nil
	if err := l.payOwed(ctx, source); err != nil {
		return report, err
	}
	return l.run(ctx, source)
}

// again waits, drops a run that is held back, here and on the server, and makes another
// of the same source: what was wrong may be right by then.
func (l *lake) again(ctx context.Context, source Source, held Report, cause error) (Report, error) {
	l.options.Log.Warn("a second export is made, since a check failed", "run", held.Run.ID, "in", l.options.Checks.Second, "cause", cause)
	l.options.Observer.Step("a check failed; a second export begins in " + l.options.Checks.Second.String())
	timer := time.NewTimer(l.options.Checks.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return held, errors.Join(cause, context.Cause(ctx))
	}
	if err := errors.Join(l.drop(ctx, held.Run.ID, "a check failed; a second export was made"), l.sweep(ctx), l.payOwed(ctx, source)); err != nil {
		return held, err
	}
	return l.run(ctx, source)
}

// completed reports on the run that alone should go on, if all that was left of it
// was its promote.
func (l *lake) completed(ctx context.Context) (Report, error) {
	rec, err := l.ledger.Run(ctx, l.options.Only)
	if err == nil && rec.State != ledger.Promoted {
		err = fmt.Errorf("run %d is %s: there is nothing to go on with", rec.Number, rec.State)
	}
	if err != nil {
		return Report{}, err
	}
	return (&run{lake: l, Run: rec}).report(ctx), nil
}

// run is one attempt: a new run, or the interrupted one.
func (l *lake) run(ctx context.Context, source Source) (Report, error) {
	r, err := l.begin(ctx)
	if err != nil {
		return Report{}, err
	}
	r.source = source
	err = r.recordStart()
	if err == nil {
		err = r.do(ctx)
	}
	rep := r.report(ctx)
	ended := r.recordEnd(rep, err)
	if err != nil {
		return rep, errors.Join(r.end(err), ended)
	}
	return rep, ended
}

// do is the run from its beginning to its end.
func (r *run) do(ctx context.Context) error {
	if !r.Held {
		if err := r.bring(ctx); err != nil {
			return err
		}
	}
	if err := r.timed("check", func() error { return r.check(ctx) }); err != nil {
		return err
	}
	if err := r.options.step("begin promote"); err != nil {
		return err
	}
	if err := r.record(audit.Event{Action: "promote"}); err != nil {
		return err
	}
	if err := r.ledger.Promoting(ctx, r.ID); err != nil {
		return err
	}
	r.State = ledger.Promoting
	if err := r.timed("promote", func() error { return r.promote(ctx) }); err != nil {
		return err
	}
	r.State = ledger.Promoted
	if err := r.options.step("finish"); err != nil {
		return err
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	r.notify(ctx)
	return errors.Join(r.timed("compare", func() error { return r.compare(ctx) }), writeRecord(ctx, r.ledger, r.options.Lake, r.Run), r.timed("compact", func() error { return r.compact(ctx) }))
}

// compact puts small partitions of ClickHouse together. The lake's small files are put
// together by the promote.
func (r *run) compact(ctx context.Context) error {
	if r.partition == nil {
		return nil
	}
	if err := r.options.Warehouse.Compact(ctx, r.options.Plan.Schemas()); err != nil {
		r.options.Log.Warn("the run is complete, but small partitions could not be put together", "run", r.ID, "error", err)
	}
	return nil
}

// timed does a stage of the run, and notes how long it took.
func (r *run) timed(stage string, do func() error) error {
	begun := time.Now()
	err := do()
	r.options.Metrics.Staged(r.Source, stage, time.Since(begun))
	return err
}

// bring gets all that the run has into the stores, where readers do not see it yet.
func (r *run) bring(ctx context.Context) error {
	if err := r.timed("export", func() error { return r.prepare(ctx) }); err != nil {
		return err
	}
	if err := r.options.step("load"); err != nil {
		return err
	}
	if err := r.timed("load", func() error { return r.load(ctx, slices.Values(r.batch.Files)) }); err != nil {
		return err
	}
	if err := r.timed("rank", func() error { return r.rank(ctx) }); err != nil {
		return err
	}
	return r.timed("absences", func() error { return r.absences(ctx) })
}

// begin records a new run, unless there is one to go on with.
func (l *lake) begin(ctx context.Context) (*run, error) {
	if l.open != nil {
		r, err := l.resume(ctx, *l.open)
		if err == nil {
			r.goneOn = true
		}
		return r, err
	}
	o := l.options
	rec, err := l.ledger.Begin(ctx, ledger.Run{
		Source: o.Source, Kind: o.Kind, Full: o.Full, Subset: o.Subset, Hooks: o.hookNames(), Of: o.Of, Request: o.Request, Warehouse: o.Warehouse != nil, Mapping: l.mappingHash(),
	})
	if err != nil {
		return nil, err
	}
	r, err := l.resume(ctx, rec)
	if err != nil {
		return nil, errors.Join(err, l.ledger.Fail(ctx, rec.ID, "could not begin"))
	}
	return r, nil
}

// resume takes up a run that the ledger has.
func (l *lake) resume(ctx context.Context, rec ledger.Run) (*run, error) {
	r := &run{lake: l, Run: rec, nobodys: map[string]int64{}, asked: rec.Started, buffers: extract.NewBuffers(2*l.options.Workers + 2), tracker: newTracker(l.ledger, rec.ID, l.options.Observer)}
	schemas := l.options.Plan.Schemas()
	var err error
	if r.parts, err = l.parquet.Begin(rec.ID, rec.Number, schemas); err != nil {
		return nil, err
	}
	if rec.Warehouse && l.options.Warehouse == nil {
		return nil, fmt.Errorf("run %d was loaded into ClickHouse too: use the same warehouse, without --parquet-only, once", rec.Number)
	}
	if rec.Warehouse {
		if r.partition, err = l.options.Warehouse.Begin(ctx, rec.ID, rec.Number, schemas); err == nil && rec.State == ledger.Running {
			err = r.trim(ctx)
		}
	}
	return r, err
}

// prepare finds the run's files and what of their content is loaded already.
func (r *run) prepare(ctx context.Context) (err error) {
	notRead, err := r.ledger.NotRead(ctx, r.ID)
	if err != nil {
		return err
	}
	earlier := extract.Job{StatusURL: r.StatusURL, Started: r.Started, Pace: extract.Pace(r.Pace), TransactionTime: r.TransactionTime, LeftOut: notRead.LeftOut}
	if err := r.recordRequest(); err != nil {
		return err
	}
	note := func(job extract.Job) error {
		if err := r.recordNote(job); err != nil {
			return err
		}
		r.StatusURL = job.StatusURL
		return errors.Join(r.ledger.SetNotRead(ctx, r.ID, ledger.NotRead{Unreadable: job.Unreadable, LeftOut: job.LeftOut}), r.ledger.SetExport(ctx, r.ID, job.StatusURL, ledger.Pace(job.Pace)))
	}
	r.batch, err = r.prepared(ctx, func(ctx context.Context) (Batch, error) { return r.source.Prepare(ctx, earlier, note) })
	if err != nil {
		return err
	}
	return errors.Join(r.learn(ctx, r.batch, wholeManifest), r.recordPublished(ctx))
}

// The parts of a manifest that the audit trail has.
const (
	wholeManifest   = ""
	partialManifest = "partial"
)

// learn records what a batch has, before any of its new files is read. The first one of a
// process says of which time all of them are.
func (r *run) learn(ctx context.Context, b Batch, part string) error {
	recorded, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	if err := sameFiles(recorded, b, part == wholeManifest); err != nil {
		return err
	}
	var files []ledger.File
	for _, f := range b.Files {
		files = append(files, f.record())
	}
	if err := errors.Join(r.ledger.SetTransactionTime(ctx, r.ID, b.TransactionTime), r.ledger.AddFiles(ctx, r.ID, files), r.recordManifest(b, part)); err != nil || r.known != nil {
		return err
	}
	r.asked, r.TransactionTime = time.Now().UTC(), b.TransactionTime
	if !b.Retrieved.IsZero() {
		r.asked = b.Retrieved
	}
	if r.known, err = r.knownLines(ctx); err != nil {
		return err
	}
	if r.goneOn {
		if err := r.remember(ctx); err != nil {
			return err
		}
	}
	r.loaded, err = r.outranked()
	return err
}

// recordPublished notes where published files end, and whether they are all.
func (r *run) recordPublished(ctx context.Context) error {
	if r.batch.Published.URL == "" {
		return nil
	}
	if r.batch.Whole {
		r.Full = true
		if err := r.ledger.SetWhole(ctx, r.ID); err != nil {
			return err
		}
	}
	return r.ledger.SetPublished(ctx, r.ID, r.batch.Published)
}

// load moves all rows of files into the stores: extract → transform → load.
func (r *run) load(ctx context.Context, files iter.Seq[File]) error {
	g, ctx := errgroup.WithContext(ctx)
	pages := make(chan page)
	g.Go(func() error {
		defer close(pages)
		return r.read(ctx, files, pages)
	})
	for range r.options.Workers {
		g.Go(func() error {
			w, err := r.newWorker()
			if err != nil {
				return err
			}
			return errors.Join(w.work(ctx, pages), w.close())
		})
	}
	return g.Wait()
}

// page is a page on its way from the source to a worker.
type page struct {
	lineage.Page
	deletes bool // of a file of deletions
	sample  bool // look in it for values that reach no column
}

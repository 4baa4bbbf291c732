package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// checkpointPages is how many pages a worker takes before what it did becomes
// durable: what a crash costs.
const checkpointPages = 100

// worker flattens pages and stores their rows. It has writers and checkpoints of
// its own, so that workers never wait for each other.
type worker struct {
	run       *run
	mem       memory.Allocator // of the batches
	flattener *transform.Flattener
	parts     *parquet.Writer
	partition *clickhouse.Writer // nil: Parquet only
	archive   *archive.Writer    // nil: pages are not kept
	pending   ledger.Checkpoint
	sampler   sampler
	examples  map[ledger.ValueReject]int // so many were noted, by column and reason
}

func (r *run) newWorker() (w *worker, err error) {
	mem := transform.NewPool()
	w = &worker{run: r, mem: mem, flattener: r.options.Plan.NewFlattener(mem), parts: r.parts.NewWriter(), sampler: sampler{plan: r.options.Plan}, examples: map[ledger.ValueReject]int{}}
	w.flattener.Skip(r.known.has)
	w.flattener.Outrank(r.loaded.versions(r.options.Policy))
	w.flattener.HashBy(r.options.Policy.LineHash())
	if r.options.Policy != nil {
		w.flattener.HideVersions()
	}
	if !r.options.Subset {
		w.flattener.GuardComplete()
	}
	if r.partition != nil {
		w.partition = r.partition.NewWriter()
	}
	if r.options.Archive {
		w.archive, err = r.archive.NewWriter(r.ID)
	}
	return w, err
}

// close gives up what was not made durable.
func (w *worker) close() error {
	w.parts.Discard()
	if w.archive == nil {
		return nil
	}
	return w.archive.Close()
}

// restWait is how long a worker waits for a page before what it has becomes durable: while
// the server makes the rest of an export, a crash should not cost what came hours ago.
const restWait = 5 * time.Minute

// work takes pages until there are no more. Where the run is to stop, what was taken
// still becomes durable.
func (w *worker) work(ctx context.Context, pages <-chan page) error {
	last, cancel := graceful(ctx)
	defer cancel()
	rest := time.NewTimer(restWait)
	defer rest.Stop()
	for open := true; open; rest.Reset(restWait) {
		full := false
		select {
		case p, ok := <-pages:
			if open = ok; !ok {
				break
			}
			if err := w.take(last, p); err != nil {
				return err
			}
			full = len(w.pending.Pages) >= checkpointPages
		case <-rest.C:
			full = len(w.pending.Pages) > 0
		}
		if !full {
			continue
		}
		if err := w.checkpoint(last); err != nil {
			return err
		}
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause // the run failed, and may not be worth keeping
	}
	return errors.Join(w.checkpoint(last), ctx.Err())
}

// stopWait is how long a run that is to stop may take to make its work durable.
const stopWait = 20 * time.Second

// graceful is ctx, but it ends a while later.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopWait, cancel) })
	return later, func() { stop(); cancel() }
}

// take flattens one page and stores its rows.
func (w *worker) take(ctx context.Context, in page) error {
	p := in.Page
	defer w.run.options.Metrics.InFlight(w.run.Source, -1)
	defer w.run.buffers.Put(p)
	res, err := w.flatten(in)
	if err != nil {
		return err
	}
	defer res.Release()
	if err := w.apply(p, res); err != nil {
		return err
	}
	if err := w.store(ctx, res); err != nil {
		return err
	}
	if err := w.run.keep(p, res.Rejects); err != nil {
		return err
	}
	if err := w.note(p, res); err != nil {
		return err
	}
	w.sampler.take(in)
	w.run.options.Observer.Read(p.FileID, p.Bytes(), int64(p.Lines))
	return nil
}

func (w *worker) flatten(p page) (*transform.Result, error) {
	if p.deletes {
		return w.flattener.Deletes(p.Page), nil
	}
	res, err := w.flattener.Flatten(p.Page)
	if err != nil {
		return nil, err
	}
	return res, w.run.countNobodys(res.Batches)
}

// apply changes the rows as the policy says. What the export lacks is known by what was
// loaded, which the policy changed then.
func (w *worker) apply(p lineage.Page, res *transform.Result) (err error) {
	policy := w.run.options.Policy
	switch {
	case policy == nil:
	case p.FileID == absentFile:
		res.Batches, err = policy.ApplyLoaded(w.mem, res.Batches)
	default:
		res.Batches, err = policy.Apply(w.mem, p, res.Batches)
	}
	return err
}

func (w *worker) store(ctx context.Context, res *transform.Result) error {
	for _, b := range res.Batches {
		if err := w.parts.Write(b); err != nil {
			return err
		}
		if w.partition == nil {
			continue
		}
		if err := w.partition.Write(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// keep puts the bad lines of a page into quarantine. Those of a replay are there.
func (r *run) keep(p lineage.Page, rejects []transform.Reject) error {
	if r.Kind == ledger.Replay {
		return nil
	}
	var lines [][]byte
	for _, rej := range rejects {
		start := rej.Offset - p.Offset
		lines = append(lines, p.Data[start:start+int64(rej.Length)])
	}
	return r.quarantine.Keep(r.ID, p.FileID, p.First, lines)
}

// note adds a page to the checkpoint, and to the archive.
func (w *worker) note(p lineage.Page, res *transform.Result) error {
	c := ledger.Counts{Bytes: p.Bytes(), Lines: res.Lines, Unchanged: res.Unchanged, Rejected: int64(len(res.Rejects))}
	for _, n := range res.Resources {
		c.Landed += n
	}
	for _, n := range res.Unmapped {
		c.Unmapped += n
	}
	w.run.count(c, res.Rejects)
	came := make([]ledger.Came, len(res.Known))
	for i, k := range res.Known {
		came[i] = ledger.Came{File: p.FileID, Line: k.Line, Hash: k.Hash}
	}
	numbered := make([]ledger.Numbered, len(res.Numbered))
	for i, n := range res.Numbered {
		numbered[i] = ledger.Numbered{File: p.FileID, Line: n.Line, Number: n.Number}
	}
	page := ledger.Page{File: p.FileID, First: p.First, Lines: p.Lines, Offset: p.Offset, Hash: xxh3.Hash(p.Data), Token: p.Token, Counts: c, Came: came, Numbered: numbered}
	if w.archive != nil {
		place, err := w.archive.Add(p.Data)
		if err != nil {
			return err
		}
		page.Archived = ledger.Archived(place)
	}
	w.pending.Pages = append(w.pending.Pages, page)
	for _, rej := range res.Rejects {
		w.pending.Rejects = append(w.pending.Rejects, ledger.Reject{File: p.FileID, Line: rej.Line, Offset: rej.Offset, Bytes: rej.Length, Reason: rej.Reason})
	}
	for _, v := range res.Values {
		w.noteExample(p.FileID, v)
	}
	for _, v := range slices.Concat(res.Counts, res.Untimed) {
		w.pending.Values = append(w.pending.Values, ledger.ValueReject{Table: v.Table, Column: v.Column, Reason: v.Reason, Count: v.Count})
	}
	return nil
}

// count tells the metrics of a page.
func (r *run) count(c ledger.Counts, rejects []transform.Reject) {
	m := r.options.Metrics
	m.Page(r.Source, c.Bytes, map[string]int64{"loaded": c.Landed, "unchanged": c.Unchanged, "unmapped": c.Unmapped, "rejected": c.Rejected})
	for _, rej := range rejects {
		m.Rejected(r.Source, rej.Reason)
	}
}

// noteExample adds the place of a value that did not fit, if there are not enough.
func (w *worker) noteExample(fileID string, v transform.ValueReject) {
	of := ledger.ValueReject{Table: v.Table, Column: v.Column, Reason: v.Reason}
	if w.examples[of]++; w.examples[of] <= ledger.MaxExamples {
		w.pending.Examples = append(w.pending.Examples, ledger.Example{Table: v.Table, Column: v.Column, Reason: v.Reason, File: fileID, Line: v.Line})
	}
}

// checkpoint makes durable what the worker did, and only then says so in the
// ledger.
func (w *worker) checkpoint(ctx context.Context) error {
	if err := w.run.options.step("checkpoint"); err != nil {
		return err
	}
	parts, err := w.parts.Flush()
	if err != nil {
		return err
	}
	if w.partition != nil {
		if err := w.partition.Flush(ctx); err != nil {
			return err
		}
	}
	if w.archive != nil {
		if err := w.archive.Flush(); err != nil {
			return err
		}
	}
	for _, p := range parts {
		w.pending.Parts = append(w.pending.Parts, ledger.Part(p))
	}
	w.pending.Coverage = w.sampler.counts()
	if err := w.run.recordPages(w.pending); err != nil {
		return err
	}
	if err := w.run.options.step("commit"); err != nil {
		return err
	}
	if err := w.run.ledger.Commit(ctx, w.run.ID, w.pending); err != nil {
		return err
	}
	done := w.pending.Pages
	w.pending = ledger.Checkpoint{}
	return w.run.tracker.durable(ctx, done)
}

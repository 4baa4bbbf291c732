package pipeline

import (
	"context"
	"fmt"
	"iter"
	"maps"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

// read sends the pages of files that are not done, several files at once. A
// file that fails does not stop the others.
func (r *run) read(ctx context.Context, files iter.Seq[File], pages chan<- page) error {
	recorded, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	state := map[string]ledger.File{}
	for _, f := range recorded {
		state[f.ID] = f
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, r.options.Files))
	for f := range files {
		old := state[f.ID]
		// Storage may sign a link under another path each time. Then the file is read
		// again, to see that it is the one whose pages are loaded.
		if old.State == ledger.Done && old.Name == f.Name {
			continue
		}
		g.Go(func() error { return r.readFile(ctx, f, pages) })
	}
	return g.Wait()
}

// readFile sends the pages of a file. An error is the run's; the file's own is
// recorded.
func (r *run) readFile(ctx context.Context, f File, pages chan<- page) error {
	done, err := r.committed(ctx, f)
	if err != nil {
		return err
	}
	if err := r.record(audit.Event{Action: "file.download", Object: f.ID + " " + f.Name, Types: typesOf(f)}); err != nil {
		return err
	}
	r.tracker.begin(f)
	if err := r.send(ctx, f, done, pages); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.mu.Lock()
		r.failed = append(r.failed, err)
		r.mu.Unlock()
		if noted := r.record(audit.Event{Action: "file.failed", Object: f.ID + " " + f.Name, Types: typesOf(f), Outcome: audit.Failed, Category: Category(err)}); noted != nil {
			return noted
		}
		return r.ledger.EndFile(ctx, r.ID, f.ID, ledger.Failed, err.Error())
	}
	if err := r.ledger.HashFile(ctx, r.ID, f.ID, r.source.SHA256(f.ID)); err != nil {
		return err
	}
	return r.ended(ctx, f)
}

// ended notes that a file was read to its end, and what that showed.
func (r *run) ended(ctx context.Context, f File) error {
	w, ok := r.source.(Witness)
	if !ok {
		return r.tracker.read(ctx, f.ID, "")
	}
	e := w.Ending(f.ID)
	if e.Announced >= 0 {
		if err := r.ledger.SetAnnounced(ctx, r.ID, f.ID, e.Announced); err != nil {
			return err
		}
	}
	return r.tracker.read(ctx, f.ID, e.Short)
}

// typesOf is the type of a file's resources; nil where any may come.
func typesOf(f File) []string {
	if f.ResourceType == "" {
		return nil
	}
	return []string{f.ResourceType}
}

// committed is the pages of a file that are durable, by first line.
type committed map[int64]ledger.Page

func (r *run) committed(ctx context.Context, f File) (committed, error) {
	c := committed{}
	pages, err := r.ledger.Pages(ctx, r.ID, f.ID)
	for _, p := range pages {
		c[p.First] = p
	}
	return c, err
}

// meet takes a page out that is durable. The error is extract.ErrChanged where the
// file has other bytes there now: it is another file, or what was read of it before
// the interruption was damaged.
func (c committed) meet(p lineage.Page) (durable bool, err error) {
	old, ok := c[p.First]
	if !ok {
		return false, nil
	}
	if old.Offset != p.Offset || old.Bytes != p.Bytes() || old.Hash != xxh3.Hash(p.Data) {
		return false, fmt.Errorf("%w: the page at line %d is not the one that is loaded", extract.ErrChanged, p.First)
	}
	delete(c, p.First)
	return true, nil
}

// mark is the last place of the file up to which all is durable and from which the
// source can go on.
func (c committed) mark() (m extract.Mark) {
	at := extract.Start
	for p, ok := c[at.Line]; ok; p, ok = c[at.Line] {
		at = extract.Position{Line: p.First + int64(p.Lines), Offset: p.Offset + p.Bytes}
		if p.Token != "" {
			m = extract.Mark{Position: at, Token: p.Token}
		}
	}
	return m
}

// begin forgets the pages before a line, which are not read again.
func (c committed) begin(first int64) {
	maps.DeleteFunc(c, func(line int64, _ ledger.Page) bool { return line < first })
}

// send sends the pages that are not durable. Others that come again are compared with
// what was loaded.
func (r *run) send(ctx context.Context, f File, done committed, pages chan<- page) error {
	origin := lineage.Origin{Source: r.Source, RunID: r.ID, FileID: f.ID, RetrievedAt: r.asked, TransactionTime: r.TransactionTime}
	if t := f.handle.TransactionTime; !t.IsZero() {
		origin.TransactionTime = t
	}
	n := 0
	for p, err := range r.source.Pages(ctx, f, done.mark(), r.buffers) {
		if err != nil {
			return err
		}
		if n == 0 {
			done.begin(p.First)
		}
		sample := n%samplePages == 0 && !f.Deletes
		n++
		if durable, err := done.meet(p); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		} else if durable {
			r.buffers.Put(p)
			continue
		}
		p.Origin, p.ResourceType = origin, f.ResourceType
		r.tracker.sent(f.ID)
		r.options.Metrics.InFlight(r.Source, 1)
		select {
		case pages <- page{Page: p, deletes: f.Deletes, sample: sample}:
		case <-ctx.Done():
			r.options.Metrics.InFlight(r.Source, -1)
			return ctx.Err()
		}
	}
	if len(done) > 0 {
		return fmt.Errorf("%s: %w: %d pages that are loaded are no longer in it", f.Name, extract.ErrChanged, len(done))
	}
	return nil
}

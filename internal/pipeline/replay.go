package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/transform"
)

// Replay is a Source of the quarantined lines of an earlier run. Files keep their
// ids and lines their numbers, so that lineage tells where a row came from; a line
// that is loaded already is unchanged, so that a replay may be done again.
type Replay struct {
	Of ledger.Run // the run whose lines these are

	lake       string
	quarantine quarantine.Dir
	files      []ledger.File
	lines      map[string][]ledger.Quarantined // by file
}

// OpenReplay finds what is in quarantine of a run: its number, or the beginning of
// its id.
func OpenReplay(ctx context.Context, lake, run string, keys *seal.Keys) (r *Replay, err error) {
	l, err := ledger.Open(ctx, lake)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	r = &Replay{lake: lake, quarantine: quarantine.In(lake, keys), lines: map[string][]ledger.Quarantined{}}
	if r.Of, err = l.Run(ctx, run); err != nil {
		return nil, err
	}
	lines, err := l.Quarantined(ctx, r.Of.ID)
	if err != nil {
		return nil, err
	}
	for _, q := range lines {
		if q.By == "" {
			r.lines[q.File] = append(r.lines[q.File], q)
		}
	}
	files, err := l.Files(ctx, r.Of.ID)
	for _, f := range files {
		if len(r.lines[f.ID]) > 0 {
			r.files = append(r.files, f)
		}
	}
	return r, err
}

// Lines is how many lines are in quarantine.
func (r *Replay) Lines() (n int) {
	for _, list := range r.lines {
		n += len(list)
	}
	return n
}

// Prepare lists the files that the lines are of. The transactionTime is that of the
// earlier run, so that a line does not get ahead of a newer version.
func (r *Replay) Prepare(context.Context, extract.Job, func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: r.Of.TransactionTime}
	for _, f := range r.files {
		b.Files = append(b.Files, r.file(f))
	}
	return b, nil
}

func (r *Replay) file(f ledger.File) File {
	return File{ID: f.ID, Name: f.Name, ResourceType: f.ResourceType, Deletes: f.Deletes, Announced: -1, Bytes: -1}
}

// Pages yields each line as a page of its own.
func (r *Replay) Pages(ctx context.Context, f File, _ extract.Mark, _ *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		for _, q := range r.lines[f.ID] {
			line, err := r.quarantine.Line(q.RunID, q.File, q.Page, q.Index)
			if errors.Is(err, quarantine.ErrGone) {
				continue // another replay took it
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(lineage.Page{}, err)
				return
			}
			if !yield(lineage.Page{First: q.Line, Offset: q.Offset, Lines: 1, Data: append(line, '\n')}, nil) {
				return
			}
		}
	}
}

// SHA256 is none: the files are not read.
func (r *Replay) SHA256(string) string { return "" }

// Finish takes the lines that could be used out of the quarantine.
func (r *Replay) Finish(ctx context.Context, _ extract.Job) error {
	return withLatest(ctx, r.lake, func(l *ledger.Ledger, by string) error {
		for _, lines := range r.lines {
			if err := l.MarkReplayed(ctx, r.Of.ID, by, lines); err != nil {
				return err
			}
		}
		return r.take(ctx, l)
	})
}

// withLatest opens the ledger of a lake for a source that finishes. latest is the id
// of its run: the lake's lock allows one at a time.
func withLatest(ctx context.Context, lake string, do func(l *ledger.Ledger, latest string) error) (err error) {
	l, err := ledger.Open(ctx, lake)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	return do(l, runs[0].ID)
}

// take removes the bytes of all lines that the ledger says were replayed.
func (r *Replay) take(ctx context.Context, l *ledger.Ledger) error {
	lines, err := l.Quarantined(ctx, r.Of.ID)
	if err != nil {
		return err
	}
	type page struct {
		file  string
		first int64
	}
	indexes := map[page][]int{}
	for _, q := range lines {
		if q.By != "" {
			p := page{q.File, q.Page}
			indexes[p] = append(indexes[p], q.Index)
		}
	}
	var problems []error
	for p, list := range indexes {
		problems = append(problems, r.quarantine.Take(r.Of.ID, p.file, p.first, list))
	}
	return errors.Join(problems...)
}

// Try flattens the lines without loading them, and gives how many could be used and
// the others by reason. A line whose type has no mapping counts as usable.
func (r *Replay) Try(ctx context.Context, plan *transform.Plan) (usable int, reasons map[string]int, err error) {
	f := plan.NewFlattener(memory.DefaultAllocator)
	reasons = map[string]int{}
	for _, file := range r.files {
		for p, err := range r.Pages(ctx, r.file(file), extract.Mark{}, nil) {
			if err != nil {
				return usable, reasons, err
			}
			p.ResourceType = file.ResourceType
			res, err := tryPage(f, p, file.Deletes)
			if err != nil {
				return usable, reasons, fmt.Errorf("file %s: %w", file.ID, err)
			}
			for _, reject := range res.Rejects {
				reasons[reject.Reason]++
			}
			usable += int(res.Lines) - len(res.Rejects)
			res.Release()
		}
	}
	return usable, reasons, nil
}

func tryPage(f *transform.Flattener, p lineage.Page, deletes bool) (*transform.Result, error) {
	if deletes {
		return f.Deletes(p), nil
	}
	return f.Flatten(p)
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/internal/seal"
)

// Reflatten is a Source of all lines of an earlier run, out of the archive. Files
// keep their ids and lines their numbers, versions stay what they were, and what is
// loaded already by the mappings in use is unchanged, so that it may be done again.
type Reflatten struct {
	Of ledger.Run // the run whose pages these are

	elsewhere bool // they go into another lake than the run did
	lake      string
	archive   archive.Dir
	files     []ledger.File
	pages     map[string][]ledger.Page // by file
}

// ErrNotArchived says that the archive does not have all that a run read.
var ErrNotArchived = errors.New("not all of the run is in the archive")

// Archived lists the runs that can be loaded again from the archive, the oldest
// first, and those that readers see but that cannot: with a mapping that changed,
// their rows stay as they are.
func Archived(ctx context.Context, l *ledger.Ledger) (have, lack []ledger.Run, err error) {
	runs, err := l.Runs(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range slices.Backward(runs) {
		if r.State != ledger.Promoted || r.Of != "" {
			continue // the lines of a replay are in the archive of the run they are of
		}
		_, _, err := archivedFiles(ctx, l, r)
		switch {
		case err == nil:
			have = append(have, r)
		case errors.Is(err, ErrNotArchived):
			lack = append(lack, r)
		default:
			return nil, nil, err
		}
	}
	return have, lack, nil
}

// archivedFiles finds the pages of a run. The error is ErrNotArchived where one is
// missing.
func archivedFiles(ctx context.Context, l *ledger.Ledger, r ledger.Run) ([]ledger.File, map[string][]ledger.Page, error) {
	files, err := l.Files(ctx, r.ID)
	if err != nil {
		return nil, nil, err
	}
	files = slices.DeleteFunc(files, func(f ledger.File) bool { // its lines are those of other files
		_, _, again := lineage.AgainOf(f.ID)
		return again
	})
	pages := map[string][]ledger.Page{}
	for _, f := range files {
		read, err := l.Pages(ctx, r.ID, f.ID)
		if err != nil {
			return nil, nil, err
		}
		if pages[f.ID], err = l.ArchivedPages(ctx, r.ID, f.ID); err != nil {
			return nil, nil, err
		}
		if have := len(pages[f.ID]); have < len(read) {
			return nil, nil, fmt.Errorf("run %d: %w: of file %s it has %d of %d pages; load the run's source again instead", r.Number, ErrNotArchived, f.ID, have, len(read))
		}
	}
	return files, pages, nil
}

// OpenReflatten finds what the archive has of a run: its number, or the beginning of
// its id. The error is ErrNotArchived where that is not all of it.
func OpenReflatten(ctx context.Context, lake, run string, keys *seal.Keys) (r *Reflatten, err error) {
	l, err := ledger.Open(ctx, lake)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	r = &Reflatten{lake: lake, archive: archive.In(lake, keys)}
	if r.Of, err = l.Run(ctx, run); err != nil {
		return nil, err
	}
	if r.Of.State != ledger.Promoted || r.Of.Of != "" {
		return nil, fmt.Errorf("run %d is a %s that is %s: only a sync or flatten that readers see can be flattened again", r.Of.Number, r.Of.Kind, r.Of.State)
	}
	r.files, r.pages, err = archivedFiles(ctx, l, r.Of)
	return r, err
}

// Elsewhere says that the lines go into another lake: the old one stays as it is.
func (r *Reflatten) Elsewhere() { r.elsewhere = true }

// Prepare lists the run's files. Its times are those of the run, so that no line
// gets ahead of a newer version.
func (r *Reflatten) Prepare(context.Context, extract.Job, func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: r.Of.TransactionTime, Retrieved: r.Of.Started}
	for _, f := range r.files {
		b.Files = append(b.Files, File{ID: f.ID, Name: f.Name, ResourceType: f.ResourceType, Deletes: f.Deletes, Announced: f.Lines, Bytes: f.Bytes})
	}
	return b, nil
}

// Pages yields the pages as they were read from the source.
func (r *Reflatten) Pages(ctx context.Context, f File, _ extract.Mark, _ *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		for _, p := range r.pages[f.ID] {
			data, err := r.archive.Page(archive.Place(p.Archived))
			if err == nil && xxh3.Hash(data) != p.Hash {
				err = fmt.Errorf("the page at line %d of file %s: %w: it has other bytes", p.First, f.ID, archive.ErrGone)
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(lineage.Page{}, err)
				return
			}
			if !yield(lineage.Page{First: p.First, Offset: p.Offset, Lines: p.Lines, Data: data}, nil) {
				return
			}
		}
	}
}

// SHA256 is what it was when the file was retrieved.
func (r *Reflatten) SHA256(fileID string) string {
	for _, f := range r.files {
		if f.ID == fileID {
			return f.SHA256
		}
	}
	return ""
}

// Finish takes the earlier run's lines out of the quarantine: those that are still
// bad are there for this run.
func (r *Reflatten) Finish(ctx context.Context, _ extract.Job) error {
	if r.elsewhere {
		return nil
	}
	return withLatest(ctx, r.lake, func(l *ledger.Ledger, by string) error {
		if err := l.MoveQuarantine(ctx, r.Of.ID, by); err != nil {
			return err
		}
		return quarantine.In(r.lake, nil).Drop(r.Of.ID)
	})
}

// HasRun reports whether readers of the lake in dir see a run that asked its source for
// what request says.
func HasRun(ctx context.Context, dir, request string) (has bool, err error) {
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		runs, err := l.Runs(ctx)
		has = slices.ContainsFunc(runs, func(r ledger.Run) bool { return r.Request == request && r.State == ledger.Promoted })
		return err
	})
	return has, err
}

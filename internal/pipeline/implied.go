package pipeline

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

// loadImplied loads lines as a file that the export does not have but implies, whose pages
// are like any other's.
func (w *worker) loadImplied(ctx context.Context, f File, lines io.Reader) error {
	r := w.run
	if err := r.ledger.AddFiles(ctx, r.ID, []ledger.File{f.record()}); err != nil {
		return err
	}
	r.tracker.begin(f)
	origin := lineage.Origin{Source: r.Source, RunID: r.ID, FileID: f.ID, RetrievedAt: time.Now().UTC(), TransactionTime: r.TransactionTime}
	for p, err := range extract.NewPageReader(lines, extract.Start, r.buffers).Pages() {
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		p.Origin = origin
		r.options.Metrics.InFlight(r.Source, 1)
		r.tracker.sent(f.ID)
		if err := w.take(ctx, page{Page: p, deletes: f.Deletes}); err != nil {
			return err
		}
	}
	if err := w.checkpoint(ctx); err != nil {
		return err
	}
	return r.tracker.read(ctx, f.ID, "")
}

// isImplied reports whether a file is not of the export.
func isImplied(fileID string) bool {
	_, _, again := lineage.AgainOf(fileID)
	return again || fileID == absentFile
}

// endImplied ends the implied files that an interruption left: what of them is loaded is
// right for itself, and what is not cannot be known again.
func (r *run) endImplied(ctx context.Context) error {
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !isImplied(f.ID) || f.State == ledger.Done {
			continue
		}
		if err := r.ledger.EndFile(ctx, r.ID, f.ID, ledger.Done, ""); err != nil {
			return err
		}
	}
	return nil
}

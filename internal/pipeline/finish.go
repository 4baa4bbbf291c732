package pipeline

import (
	"context"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
)

// finish tells the source that readers see the run, and records that before.
func (r *run) finish(ctx context.Context) error {
	told, err := r.tellEnd(ctx, r.source, r.Run)
	if err != nil || !told {
		return err // the next sync tells it once more
	}
	return r.ledger.Told(ctx, r.ID)
}

// tellEnd tells a source that it may forget a run's export, and records that before.
func (l *lake) tellEnd(ctx context.Context, source Source, r ledger.Run) (told bool, err error) {
	job := extract.Job{StatusURL: r.StatusURL}
	if job.StatusURL != "" {
		if err := l.options.Audit.Append(audit.Event{Action: "export.delete", Run: r.ID, Source: r.Source}); err != nil {
			return false, err
		}
	}
	if err := source.Finish(ctx, job); err != nil {
		l.options.Log.Warn("the server could not be told that an export is not needed any longer", "run", r.ID, "error", err)
		return false, nil
	}
	return true, nil
}

// owedWait bounds how long a server is asked to forget an export that is over: the next
// one is more important.
const owedWait = 30 * time.Second

// payOwed tells the source of exports that earlier processes left on the server: of runs
// that were killed while they were shown or before the server was told, and of those
// that were dropped. Each is told once more, and no oftener.
func (l *lake) payOwed(ctx context.Context, source Source) error {
	if l.options.Kind != "sync" {
		return nil
	}
	owed, err := l.ledger.Owed(ctx, l.options.Source)
	if err != nil {
		return err
	}
	for _, r := range owed {
		if err := l.pay(ctx, source, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *lake) pay(ctx context.Context, source Source, r ledger.Run) error {
	if r.Sealed != nil {
		l.options.Log.Warn("the server is not told that an export is not needed any longer", "run", r.ID, "error", r.Sealed)
		return l.ledger.Told(ctx, r.ID)
	}
	bounded, cancel := context.WithTimeout(ctx, owedWait)
	defer cancel()
	if _, err := l.tellEnd(bounded, source, r); err != nil {
		return err
	}
	return l.ledger.Told(ctx, r.ID)
}

package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
)

// Cancel gives an interrupted run up: tell asks the server to forget its export, and
// then what is loaded of the run goes. Readers have seen nothing of it. If tell
// fails, the run stays. o says where the run was loaded to.
func Cancel(ctx context.Context, o Options, runID string, tell func(context.Context, extract.Job) error) (err error) {
	l, err := openLake(ctx, o.toCancel(runID))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	r, err := l.ledger.Run(ctx, runID)
	if err != nil {
		return err
	}
	if r.State != ledger.Running {
		return fmt.Errorf("run %d is %s: only an interrupted run can be cancelled", r.Number, r.State)
	}
	if r.StatusURL != "" {
		if err := tell(ctx, extract.Job{StatusURL: r.StatusURL}); err != nil {
			return fmt.Errorf("run %d is kept, since the server could not be told: %w", r.Number, err)
		}
	}
	if err := errors.Join(l.drop(ctx, r.ID, "cancelled"), l.ledger.Told(ctx, r.ID)); err != nil {
		return err
	}
	l.open = nil
	return l.sweep(ctx)
}

// toCancel are options with which opening the lake leaves a run as it is.
func (o Options) toCancel(runID string) Options {
	o.Only, o.leave = runID, true
	return o
}

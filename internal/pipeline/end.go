package pipeline

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
)

// dropWait bounds the clean-up after a failure; what is left then, the next start
// removes.
const dropWait = 10 * time.Second

// end ends a run that failed for cause, and says how to go on.
func (r *run) end(cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), dropWait)
	defer cancel()
	reason := cause.Error()
	if errors.Is(cause, context.Canceled) {
		reason = "interrupted"
	}
	switch {
	case r.State == ledger.Promoted:
		return fmt.Errorf("run %d is shown to readers, but: %w", r.Number, cause)
	case r.State == ledger.Promoting:
		return fmt.Errorf("%w; run %d is loaded but not shown: the next run on this lake completes it", cause, r.Number)
	case r.canGoOn(cause):
		return errors.Join(fmt.Errorf("%w; run %d is kept: the same command, or claimlake resume, goes on with it", cause, r.Number), r.ledger.Note(ctx, r.ID, reason))
	}
	if err := r.drop(ctx, r.ID, reason); err != nil { // the next start drops it
		return errors.Join(r.advise(cause), err)
	}
	return errors.Join(r.advise(cause), r.clean(ctx))
}

// advise says what to do about the failure of a run that is dropped.
func (r *run) advise(cause error) error {
	if errors.Is(cause, syscall.ENOSPC) {
		return fmt.Errorf("the disk is full: free some space and run the same command again; readers see nothing of this run: %w", cause)
	}
	if r.options.Resume && spent(cause) {
		return fmt.Errorf("%w; nothing of the run is kept: the same command begins a new export", cause)
	}
	return cause
}

// canGoOn reports whether what the run did so far is worth keeping.
func (r *run) canGoOn(cause error) bool {
	return r.options.Resume && r.StatusURL != "" && !spent(cause)
}

// spent reports whether no more can come of an export: the server has given it up
// or does not end it, pages of it are loaded that may be wrong, or all of it was
// read and does not do.
func spent(cause error) bool {
	for _, end := range []error{
		extract.ErrGone, extract.ErrFailed, extract.ErrDeadline, extract.ErrStalled, extract.ErrChanged, extract.ErrOtherManifest, extract.ErrDamaged,
		ErrCheck, extract.ErrNotNDJSON,
	} {
		if errors.Is(cause, end) {
			return true
		}
	}
	return false
}

// clean removes the rows of a run that was dropped.
func (r *run) clean(ctx context.Context) error {
	err := r.parts.Drop()
	if r.partition != nil {
		err = errors.Join(err, r.partition.Drop(ctx))
	}
	return err
}

package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
)

// Gradual is a Source that may know files, which can be read, before Prepare gives all: a
// server that makes its manifest in parts (Bulk Data, allowPartialManifests).
type Gradual interface {
	// Early makes Prepare call known each time that there are more files, with all of the
	// same export so far. Those that were known stay as they are. An error of known ends
	// Prepare.
	Early(known func(Batch) error)
}

// early loads files while the source still prepares others. It is a head start, and nothing
// depends on it: the load of the whole batch comes after it, and does what a run does that
// goes on after an interruption. It passes over files that are done, reads those again that
// failed, and compares those that have another link now.
type early struct {
	run   *run
	queue *queue[File]
	known map[string]bool // ids that are or were in the queue
	ended chan struct{}   // closed once nothing is loaded any longer; nil: not begun
	err   error           // of the load
}

// prepared calls prepare, and loads meanwhile what that makes known.
func (r *run) prepared(ctx context.Context, prepare func(context.Context) (Batch, error)) (Batch, error) {
	gradual, ok := r.source.(Gradual)
	if !ok {
		return prepare(ctx)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	e := &early{run: r, queue: newQueue[File](), known: map[string]bool{}}
	gradual.Early(func(b Batch) error { return e.more(ctx, stop, b) })
	b, err := prepare(ctx)
	if err == nil && e.ended != nil {
		err = e.more(ctx, stop, b)
	}
	if err != nil {
		stop(context.Canceled) // what is loaded becomes durable: a later process may go on
	}
	if failed := e.wait(); failed != nil && (err == nil || !errors.Is(failed, context.Canceled)) {
		return b, failed // which ended prepare, too
	}
	return b, err
}

// more records files that are new and has them loaded. With the first it begins.
func (e *early) more(ctx context.Context, stop context.CancelCauseFunc, b Batch) error {
	var added []File
	for _, f := range b.Files {
		if !e.known[f.ID] {
			added = append(added, f)
		}
	}
	if len(added) == 0 {
		return nil
	}
	if err := e.run.learn(ctx, b, partialManifest); err != nil {
		return err
	}
	for _, f := range added {
		e.known[f.ID] = true
		e.queue.put(f)
	}
	if e.ended != nil {
		return nil
	}
	e.ended = make(chan struct{})
	go func() {
		defer close(e.ended)
		if e.err = e.run.load(ctx, e.queue.all(ctx)); e.err != nil {
			stop(e.err)
		}
	}()
	return nil
}

// wait waits until nothing is loaded any longer. Files that failed are for the load of the
// whole batch.
func (e *early) wait() error {
	e.queue.end()
	if e.ended == nil {
		return nil
	}
	<-e.ended
	e.run.failed = nil
	return e.err
}

// sameFiles checks that the files of a batch are those that were recorded of its run, be it
// by an earlier process or while the export was made: their rows are loaded. A whole batch
// has all of them. The error is extract.ErrOtherManifest.
func sameFiles(recorded []ledger.File, b Batch, whole bool) error {
	now := map[string]File{}
	for _, f := range b.Files {
		now[f.ID] = f
	}
	for _, old := range recorded {
		f, ok := now[old.ID]
		switch {
		case !ok && whole && !isImplied(old.ID):
			return fmt.Errorf("%w: file %s is missing", extract.ErrOtherManifest, old.ID)
		case ok && (old.ResourceType != f.ResourceType || old.Deletes != f.Deletes || f.Announced >= 0 && old.Announced != f.Announced):
			return fmt.Errorf("%w: file %s has another type or count", extract.ErrOtherManifest, old.ID)
		}
	}
	return nil
}

package pipeline

import (
	"context"
	"sync"

	"github.com/claimlake/claimlake/internal/ledger"
)

// tracker knows which files are done: read to their end, with all pages durable.
type tracker struct {
	ledger   *ledger.Ledger
	runID    string
	observer Observer

	mu    sync.Mutex
	files map[string]*progress
}

// progress is how far a file is.
type progress struct {
	open  int    // pages that were sent and are not durable
	read  bool   // no more pages come
	short string // why the file may not be whole
}

func newTracker(l *ledger.Ledger, runID string, o Observer) *tracker {
	return &tracker{ledger: l, runID: runID, observer: o, files: map[string]*progress{}}
}

func (t *tracker) begin(f File) {
	t.mu.Lock()
	t.files[f.ID] = &progress{}
	t.mu.Unlock()
	t.observer.Begin(f)
}

func (t *tracker) sent(fileID string) {
	t.mu.Lock()
	t.files[fileID].open++
	t.mu.Unlock()
}

// read notes that all pages of the file were sent, and why it may not be whole; "" for no
// reason.
func (t *tracker) read(ctx context.Context, fileID, short string) error {
	return t.move(ctx, fileID, func(p *progress) { p.read, p.short = true, short })
}

// durable notes that pages were committed.
func (t *tracker) durable(ctx context.Context, pages []ledger.Page) error {
	for _, page := range pages {
		if err := t.move(ctx, page.File, func(p *progress) { p.open-- }); err != nil {
			return err
		}
	}
	return nil
}

// move changes a file's progress and records its end if this was it.
func (t *tracker) move(ctx context.Context, fileID string, change func(*progress)) error {
	t.mu.Lock()
	p := t.files[fileID]
	change(p)
	ended := p.read && p.open == 0
	t.mu.Unlock()
	if !ended {
		return nil
	}
	t.observer.End(fileID)
	return t.ledger.EndFile(ctx, t.runID, fileID, ledger.Done, p.short)
}

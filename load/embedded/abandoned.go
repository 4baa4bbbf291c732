package embedded

import (
	"context"
	"sync"
)

// loads are the statements of those who may change tables, while they run. Such a statement
// goes on when its client has hung up, so that none is done by half: a load that was killed
// may still insert. The next load settles what that one left, and must not be overtaken by
// it.
type loads struct {
	mu      sync.Mutex
	running map[*loading]struct{}
}

// loading is a statement, and whose.
type loading struct {
	of   *handler
	ctx  context.Context //nolint:containedctx // ends when the client hangs up
	done chan struct{}
}

// begin notes a statement, after those of other processes have ended whose client has hung
// up; end says that it has ended itself.
func (l *loads) begin(ctx context.Context, h *handler) (end func(), err error) {
	for _, abandoned := range l.abandoned(h) {
		select {
		case <-abandoned.done:
		case <-ctx.Done():
			return nil, exception(394, "QUERY_WAS_CANCELLED", "a statement of a process that has ended still runs")
		}
	}
	s := &loading{of: h, ctx: ctx, done: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running == nil {
		l.running = map[*loading]struct{}{}
	}
	l.running[s] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.running, s)
		close(s.done)
	}, nil
}

func (l *loads) abandoned(h *handler) (found []*loading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.running {
		if s.of != h && s.ctx.Err() != nil {
			found = append(found, s)
		}
	}
	return found
}

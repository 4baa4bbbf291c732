package extract

import (
	"context"
	"sync"
)

// gate lets a number of downloads go on at once. The number is halved when the
// server asks for fewer requests, and rises again by one for each round of
// downloads that it answers.
type gate struct {
	mu      sync.Mutex
	most    int
	limit   float64
	active  int
	round   int // how often limit was halved
	waiting []chan struct{}
}

func newGate(most int) *gate { return &gate{most: most, limit: float64(most)} }

// enter waits for a free place. round is for throttled.
func (g *gate) enter(ctx context.Context) (round int, err error) {
	g.mu.Lock()
	if g.active < int(g.limit) && len(g.waiting) == 0 {
		defer g.mu.Unlock()
		g.active++
		return g.round, nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.round, nil
	case <-ctx.Done():
		g.forget(turn)
		return 0, context.Cause(ctx)
	}
}

// tryEnter takes a place if one is free and nobody waits for it.
func (g *gate) tryEnter() (round int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.active >= int(g.limit) || len(g.waiting) > 0 {
		return 0, false
	}
	g.active++
	return g.round, true
}

// forget takes back a wait. Where its turn has just come, the place is passed on.
func (g *gate) forget(turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return
		}
	}
	g.active--
	g.admit()
}

// leave frees a place.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.active--
	g.admit()
}

// admit lets in who fits. The caller holds mu.
func (g *gate) admit() {
	for len(g.waiting) > 0 && g.active < int(g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.active++
	}
}

// throttled halves the limit, once for all requests of a round.
func (g *gate) throttled(round int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if round == g.round {
		g.limit = max(1, g.limit/2)
		g.round++
	}
}

// answered raises the limit a little.
func (g *gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit = min(float64(g.most), g.limit+1/g.limit)
	g.admit()
}

// gates has a gate for each host: one that is busy does not slow down another.
type gates struct {
	most int
	mu   sync.Mutex
	all  map[string]*gate
}

func newGates(most int) *gates { return &gates{most: most, all: map[string]*gate{}} }

// of is the gate of a host, which may have a port.
func (g *gates) of(host string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all[host] == nil {
		g.all[host] = newGate(g.most)
	}
	return g.all[host]
}

package extract

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/bubbletest"
)

func TestGateFallsAndRecovers(t *testing.T) {
	g := newGate(8)
	rounds := make([]int, 8)
	for i := range rounds {
		var err error
		if rounds[i], err = g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range rounds {
		g.throttled(r) // all are told at once: that is one hint
	}
	if g.limit != 4 {
		t.Errorf("the limit fell to %v", g.limit)
	}
	for range 10 {
		g.throttled(g.round)
	}
	if g.limit != 1 {
		t.Errorf("the limit fell to %v", g.limit)
	}
	for range 60 {
		g.answered()
	}
	if g.limit != 8 {
		t.Errorf("the limit rose to %v", g.limit)
	}
}

// Never do more go on at once than the limit was when they entered, and nobody
// waits while there is a free place.
func TestGateHoldsItsLimit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		most := rapid.IntRange(1, 6).Draw(r, "most")
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"enter", "enter", "leave", "throttled", "answered", "give up"}), 1, 40).Draw(r, "steps")
		wrong := ""
		bubbletest.Run(t, func(*testing.T) {
			g := newGate(most)
			inside, waiting := 0, []context.CancelFunc{}
			entered := make(chan bool, len(steps))
			for i, step := range steps {
				switch step {
				case "enter":
					ctx, cancel := context.WithCancel(context.Background())
					waiting = append(waiting, cancel)
					go func() { _, err := g.enter(ctx); entered <- err == nil }()
				case "leave":
					if inside > 0 {
						inside--
						g.leave()
					}
				case "throttled":
					g.throttled(g.round)
				case "answered":
					g.answered()
				case "give up":
					if len(waiting) > 0 {
						waiting[len(waiting)-1]() // of no effect on who is inside
						waiting = waiting[:len(waiting)-1]
					}
				}
				synctest.Wait()
				for len(entered) > 0 {
					if <-entered {
						inside++
					}
				}
				if wrong == "" && (g.active != inside || inside > most || len(g.waiting) > 0 && g.active < int(g.limit)) {
					wrong = fmt.Sprintf("after step %d: %d active, %d inside, %d waiting, limit %v", i, g.active, inside, len(g.waiting), g.limit)
				}
			}
			for _, cancel := range waiting {
				cancel()
			}
		})
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// A place that came free for one who gives up at the same moment is not lost.
func TestPlaceOfWhoGivesUpIsPassedOn(t *testing.T) {
	g := newGate(1)
	first, second := make(chan struct{}), make(chan struct{})
	g.active, g.waiting = 1, []chan struct{}{first, second}
	g.leave()
	<-first
	g.forget(first)
	<-second
	if g.active != 1 || len(g.waiting) != 0 {
		t.Errorf("%d active, %d waiting", g.active, len(g.waiting))
	}
}

// A host that asks for fewer requests leaves the others alone.
func TestEachHostHasItsGate(t *testing.T) {
	g := newGates(4)
	busy := g.of("a.example.org")
	busy.throttled(0)
	if other := g.of("b.example.org"); busy.limit != 2 || other.limit != 4 {
		t.Errorf("the limits are %v and %v", busy.limit, other.limit)
	}
	if g.of("a.example.org") != busy {
		t.Error("a host has two gates")
	}
}

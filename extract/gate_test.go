package extract

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
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
		synctest.Test(t, func(*testing.T) {
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
				if g.active != inside || inside > most || len(g.waiting) > 0 && g.active < int(g.limit) {
					panic(rapidFailure{i, steps, g.active, inside})
				}
			}
			for _, cancel := range waiting {
				cancel()
			}
			time.Sleep(time.Second)
		})
	})
}

type rapidFailure struct {
	step           int
	steps          []string
	active, inside int
}

package bubbletest

import (
	"sync"
	"testing"
	"time"
)

// Timers that fire at once, from several goroutines: where the race detector crashes
// within a second when left alone.
func TestTimersFireAtOnce(t *testing.T) {
	for range 20 {
		Run(t, func(t *testing.T) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					for range 2000 {
						<-time.NewTimer(0).C
					}
				})
			}
			all.Wait()
		})
	}
}

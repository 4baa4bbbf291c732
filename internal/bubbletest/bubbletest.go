// Package bubbletest runs tests on a clock that passes by itself.
package bubbletest

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/claimlake/claimlake/internal/racetest"
)

// Run runs a test in a bubble of [synctest]. Use it in place of [synctest.Test]: the
// race detector crashes where two timers of a bubble fire at once on two processors
// (golang/go#78156), so under it the process has one for as long as the bubble lasts.
// Tests with bubbles must not be parallel to each other.
func Run(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if racetest.Enabled {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	synctest.Test(t, test) //nolint:forbidigo // the one place
}

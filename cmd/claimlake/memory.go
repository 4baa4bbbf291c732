package main

import (
	"os"
	"runtime/debug"
)

// memoryLimit is how much the Go runtime may take before it collects garbage more
// eagerly. What a run holds is bounded by its pages in flight and does not grow with
// its input; without a limit the runtime lets as much garbage pile up beside it.
const memoryLimit = 320 << 20

// limitMemory sets the limit unless the user did, by Go's own variable.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

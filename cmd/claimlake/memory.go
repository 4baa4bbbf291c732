package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// How much the Go runtime may take before it collects garbage more eagerly, in
// bytes. What a run holds is bounded by its workers and pages in flight and does
// not grow with its input; without a limit the runtime lets as much garbage pile up
// beside it. Less than this costs time: a worker's batches, encoders and open
// Parquet parts are about 70 MB.
const (
	memoryBase      = 30 << 20
	memoryPerWorker = 100 << 20
)

// limitMemory sets the limit unless the user did, by Go's own variable.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryBase + memoryPerWorker*int64(runtime.GOMAXPROCS(0)))
	}
}

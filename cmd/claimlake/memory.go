package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// How much the Go runtime may take before it collects garbage more eagerly, in
// bytes. What a run holds is bounded by its workers and pages in flight and does
// not grow with its input; without a limit the runtime lets as much garbage pile up
// on top. Less than this costs time: a worker's batches, encoders and open
// Parquet parts are about 70 MB.
const (
	memoryBase      = 30 << 20
	memoryPerWorker = 100 << 20
	// A worker holds up to 64 MB for ClickHouse, which wants large blocks.
	memoryForWarehouse = 65 << 20
)

// limitMemory sets the limit unless the user did, by Go's own variable.
func limitMemory() {
	setMemory(memoryPerWorker)
}

// allowWarehouse raises it for loads into ClickHouse.
func allowWarehouse() { setMemory(memoryPerWorker + memoryForWarehouse) }

func setMemory(perWorker int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryBase + perWorker*int64(runtime.GOMAXPROCS(0)))
	}
}

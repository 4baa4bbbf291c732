//go:build race

package racetest

// Enabled reports whether the race detector watches this process.
const Enabled = true

// Package racetest tells tests whether the race detector watches them. It slows Go code
// down five times and more, and sees only the process that it is built into: a test that
// has programs of its own do the work, or that goes the same way again with other data,
// shows it nothing.
package racetest

import "testing"

// Skip skips a test under the race detector. The reason names where the same code runs
// under it.
func Skip(t testing.TB, reason string) {
	t.Helper()
	if Enabled {
		t.Skip("not under the race detector: " + reason)
	}
}

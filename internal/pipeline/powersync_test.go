package pipeline

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
)

// verdict notes that a check failed, and ends it there.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) fail() {
	v.failed = true
	panic(v)
}

func (v *verdict) Helper()               {}
func (v *verdict) Error(...any)          { v.fail() }
func (v *verdict) Errorf(string, ...any) { v.fail() }
func (v *verdict) Fatal(...any)          { v.fail() }
func (v *verdict) Fatalf(string, ...any) { v.fail() }

// No sync of a file or folder of a lake is needless, nor would it be missing without a word:
// once those of a kind are left out, power loss leaves a lake that is not as its ledger says.
func TestEachSyncOfALakeIsMissed(t *testing.T) {
	s := recordedNights(t)
	kinds := map[string][]int{}
	for n, step := range s.steps {
		if step.Kind == durable.Synced || step.Kind == durable.SyncedDir {
			kind := string(step.Kind) + " " + names.ReplaceAllString(step.Path, "#")
			kinds[kind] = append(kinds[kind], n)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(kind, func(t *testing.T) {
			var without []durabletest.Step
			for n, step := range s.steps {
				if !slices.Contains(kinds[kind], n) {
					without = append(without, step)
				}
			}
			if !s.misses(t, without) {
				t.Error("nothing is lost without it")
			}
		})
	}
}

// misses reports whether a lake is unsound after power loss at some of the steps.
func (s *powerStory) misses(t *testing.T, steps []durabletest.Step) bool {
	for c := range durabletest.CrashesAt(steps, func(n int) []durabletest.Loss {
		if steps[n].Kind == durable.Committed || steps[n].Kind == durable.Renamed || steps[n].Mark != "" {
			return durabletest.Losses()[:1]
		}
		return nil
	}) {
		root := t.TempDir()
		must(t, c.Write(root))
		v := &verdict{TB: t}
		func() {
			defer func() {
				if p := recover(); p != nil && p != any(v) {
					panic(p)
				}
			}()
			s.sound(v, filepath.Join(root, "lake"), c.Marks)
		}()
		if v.failed {
			return true
		}
	}
	return false
}

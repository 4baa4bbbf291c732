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

// needless are the syncs of which nothing else depends, and why they are there.
var needless = map[string]string{}

// Each sync of a lake is one that TestSyncSurvivesPowerLoss would miss.
func TestEachSyncOfALakeIsMissed(t *testing.T) {
	s := recordNights(t)
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
			if missed := s.misses(t, without); missed == (needless[kind] != "") {
				t.Errorf("missed: %v; needless: %q", missed, needless[kind])
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

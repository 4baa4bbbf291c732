package synth

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/tidwall/gjson"
)

var everyType = []string{
	"Claim", "Coverage", "Encounter", "ExplanationOfBenefit", "Observation", "Organization", "Patient", "Practitioner", "Procedure",
}

func TestDayOneHasEveryType(t *testing.T) {
	got := slices.Sorted(maps.Keys(write(t, Options{Patients: 5, Seed: 3})))
	if !slices.Equal(got, everyType) {
		t.Errorf("types %v, want %v", got, everyType)
	}
}

func TestSameOptionsSameBytes(t *testing.T) {
	for name, o := range map[string]Options{
		"day 1":                 {Patients: 3, Seed: 1},
		"day 3":                 {Patients: 5, Seed: 1, Day: 3},
		"day 1 with edge cases": {Patients: 1, Seed: 2, EdgeCases: true},
	} {
		t.Run(name, func(t *testing.T) {
			first := write(t, o)
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			second := write(t, o)
			other := o
			other.Seed++
			third := write(t, other)
			for resourceType, lines := range first {
				if !slices.EqualFunc(lines, second[resourceType], bytes.Equal) {
					t.Errorf("%s differs between two runs", resourceType)
				}
				if slices.EqualFunc(lines, third[resourceType], bytes.Equal) {
					t.Errorf("%s is the same under another seed", resourceType)
				}
			}
		})
	}
}

func TestLinesAreResources(t *testing.T) {
	id := regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`) // FHIR R4, "id"
	for name, o := range map[string]Options{
		"day 1":                 {Patients: 5, Seed: 4},
		"day 1 with edge cases": {Patients: 5, Seed: 4, EdgeCases: true},
		"day 2":                 {Patients: 5, Seed: 4, Day: 2},
		"day 2 with edge cases": {Patients: 5, Seed: 4, Day: 2, EdgeCases: true},
	} {
		t.Run(name, func(t *testing.T) {
			for resourceType, lines := range write(t, o) {
				seen := map[string]bool{}
				for _, line := range lines {
					if !json.Valid(line) || bytes.Count(line, []byte("\n")) > 1 {
						t.Fatalf("%s: not a line of JSON: %.200s", resourceType, line)
					}
					got := gjson.GetBytes(line, "id").String()
					if !id.MatchString(got) || seen[got] {
						t.Errorf("%s: id %q is no id, or used twice", resourceType, got)
					}
					seen[got] = true
					if got := gjson.GetBytes(line, "resourceType").String(); got != resourceType {
						t.Errorf("resourceType %s among %s", got, resourceType)
					}
				}
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "Patient.ndjson"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		dir string
		o   Options
	}{
		"no patients":         {t.TempDir(), Options{}},
		"too many patients":   {t.TempDir(), Options{Patients: MaxPatients + 1}},
		"day before day 1":    {t.TempDir(), Options{Patients: 1, Day: -1}},
		"folder is not empty": {full, Options{Patients: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Write(t.Context(), tc.dir, tc.o); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestCancelledWriteLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := Write(ctx, dir, Options{Patients: 1000}); err == nil {
		t.Fatal("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// What one patient needs is gone before the next.
func TestMemoryDoesNotGrow(t *testing.T) {
	s, err := newSink(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := Options{Patients: 1 << 20}.check()
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{ctx: t.Context(), population: newPopulation(o), sink: s, edges: newEdges(false)}
	heapAfter := func(from, to int) int64 {
		for i := from; i < to; i++ {
			if err := w.life(i); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	few := heapAfter(0, 5)
	many := heapAfter(5, 30)
	if err := s.close(nil); err != nil {
		t.Fatal(err)
	}
	if grown := many - few; grown > 1<<20 {
		t.Errorf("25 patients more keep %d bytes", grown)
	}
}

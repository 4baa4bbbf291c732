package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
)

// fullDisk is a disk that is full from one operation on, for so many.
type fullDisk struct {
	n, at, fails int
	short        bool // writes are not whole
	failed       int
}

func (f *fullDisk) Before(op durable.Op) error {
	f.n++
	if op.Kind == durable.Removed || f.n < f.at || f.n >= f.at+f.fails {
		return nil
	}
	f.failed++
	if op.Kind == durable.Wrote && f.short {
		return &durable.Short{N: len(op.Data) / 2, Err: syscall.ENOSPC}
	}
	return syscall.ENOSPC
}

func (f *fullDisk) After(durable.Op) {}

// A disk that is full at any write of the trail, once or many times on end, is no
// alteration: the trail is verified at each moment, goes on when there is space again, and
// has every event that was said to be recorded.
func TestFullDiskIsNoAlteration(t *testing.T) {
	never := &fullDisk{}
	fillDisk(t, "never full", never)
	times := []int{1, 2, 5}
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		times = append(times, 3, 4, 7, 11)
	}
	for _, fails := range times {
		for _, short := range []bool{false, true} {
			for at := 1; at <= never.n; at++ {
				disk := &fullDisk{at: at, fails: fails, short: short}
				name := fmt.Sprintf("full at operation %d, %d times, short writes %v", at, fails, short)
				fillDisk(t, name, disk)
				if disk.failed == 0 {
					t.Errorf("%s: it never was", name)
				}
			}
		}
	}
}

// fillDisk appends to a trail on a disk, as processes of two events each, two at least,
// until the disk has space again.
func fillDisk(t *testing.T, name string, disk *fullDisk) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "audit")
	stop := durable.Watch(filepath.Dir(dir), disk)
	recorded := map[string]bool{}
	for n := 0; n < 2 || disk.n < disk.at+disk.fails && n < 20; n++ {
		trail, err := Open(Options{Dir: dir, Version: "1"})
		for k := 0; k < 2 && err == nil; k++ {
			object := fmt.Sprintf("%d-%d", n, k)
			if err = trail.Append(Event{Action: "x", Object: object}); err == nil {
				recorded[object] = true
			}
		}
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%s: process %d: %v", name, n, err)
		}
		if _, err := Verify(dir, "", ""); errors.Is(err, ErrAltered) || err != nil && len(recorded) > 0 {
			t.Fatalf("%s: after process %d: %v", name, n, err)
		}
	}
	stop()
	record(t, open(t, dir), 1)
	if _, err := Verify(dir, "", ""); err != nil {
		t.Fatalf("%s: with space again: %v", name, err)
	}
	if err := Events(dir, func(e Event) error { delete(recorded, e.Object); return nil }); err != nil || len(recorded) > 0 {
		t.Fatalf("%s: events %v are lost, %v", name, recorded, err)
	}
}

// Whenever the power fails, the trail is verified, goes on, and has every event that was
// said to be recorded.
func TestTrailSurvivesPowerLoss(t *testing.T) {
	work := t.TempDir()
	recorder := durabletest.Record(work)
	trail, err := Open(Options{Dir: filepath.Join(work, "audit"), Version: "1"})
	for n := 0; n < 4 && err == nil; n++ {
		object := fmt.Sprint(n)
		if err = trail.Append(Event{Action: "x", Object: object}); err == nil {
			recorder.Mark(object)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for c := range durabletest.Crashes(recorder.Stop(), 2) {
		root := t.TempDir()
		if err := c.Write(root); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(root, "audit")
		if _, err := Verify(dir, "", ""); errors.Is(err, ErrAltered) || err != nil && len(c.Marks) > 0 {
			t.Errorf("%s: %v", c.Name, err)
		}
		for range 2 { // twice: the power may fail again
			trail, err := Open(Options{Dir: dir, Version: "1"})
			if err == nil {
				err = trail.Append(Event{Action: "y"})
			}
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
		}
		if _, err := Verify(dir, "", ""); err != nil {
			t.Errorf("%s: then: %v", c.Name, err)
		}
		there := map[string]bool{}
		if err := Events(dir, func(e Event) error { there[e.Object] = true; return nil }); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		for _, object := range c.Marks {
			if !there[object] {
				t.Errorf("%s: event %s is lost", c.Name, object)
			}
		}
	}
}

// After lines without a head, by whatever many crashes, what somebody did to them is told.
func TestAlterationsAfterTheHeadAreFound(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 3)
	head, err := os.ReadFile(filepath.Join(dir, headName))
	if err != nil {
		t.Fatal(err)
	}
	record(t, open(t, dir), 4)
	log := filepath.Join(dir, "audit-000001.jsonl")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for name, tc := range map[string]struct {
		lines []string
		want  error
	}{
		"as they were":      {lines, nil},
		"the last ones cut": {lines[:5], nil}, // nobody can know: no head ever named them
		"one is missing":    {append(append([]string{}, lines[:4]...), lines[5:]...), ErrAltered},
		"two are swapped":   {[]string{lines[0], lines[1], lines[2], lines[4], lines[3], lines[5], lines[6]}, ErrAltered},
		"one is altered":    {[]string{lines[0], lines[1], lines[2], strings.Replace(lines[3], "output-000000", "output-000007", 1), lines[4]}, ErrAltered},
		"shorter than head": {lines[:2], ErrAltered},
	} {
		work := copyOf(t, dir)
		if err := errors.Join(os.WriteFile(filepath.Join(work, headName), head, 0o600), os.WriteFile(filepath.Join(work, "audit-000001.jsonl"), []byte(strings.Join(tc.lines, "")), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(work, "", ""); !errors.Is(err, tc.want) {
			t.Errorf("%s: verify: %v", name, err)
		}
		if err := open(t, work).Append(Event{Action: "x"}); !errors.Is(err, tc.want) {
			t.Errorf("%s: append: %v", name, err)
		}
	}
}

// A clock that is set back between two processes is seen by the second one.
func TestClockSetBackBetweenProcesses(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 1)
	second := open(t, dir)
	second.now = func() time.Time { return time.Now().Add(-time.Hour) }
	record(t, second, 1)
	var back []bool
	if err := Events(dir, func(e Event) error { back = append(back, e.ClockBack); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(back) != 2 || back[0] || !back[1] {
		t.Errorf("clock_back: %v", back)
	}
}

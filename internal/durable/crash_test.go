package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
)

// Whenever the power fails, a file that is written has the old content or the new one, and
// the new one once Write, Create or MkdirAll has returned.
func TestWhatIsWrittenSurvivesPowerLoss(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(dir string, done func(string)) error
		file string
		old  []string // what may be there, one after the other; "" for nothing
		torn bool     // what was never said to be there may be a part of it
	}{
		"replaced": {func(dir string, done func(string)) error {
			for _, text := range []string{"one", "two, longer", "3"} {
				if err := durable.Write(filepath.Join(dir, "f"), []byte(text)); err != nil {
					return err
				}
				done(text)
			}
			return nil
		}, "f", []string{"", "one", "two, longer", "3"}, false},
		"created": {func(dir string, done func(string)) error {
			err := durable.Create(filepath.Join(dir, "f"), []byte("one"))
			done("one")
			return err
		}, "f", []string{"", "one"}, true},
		"in a new folder": {func(dir string, done func(string)) error {
			path := filepath.Join(dir, "a", "b", "f")
			if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
				return err
			}
			err := durable.Write(path, []byte("one"))
			done("one")
			return err
		}, "a/b/f", []string{"", "one"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			recorder := durabletest.Record(work)
			if err := tc.do(work, recorder.Mark); err != nil {
				t.Fatal(err)
			}
			for c := range durabletest.Crashes(recorder.Stop(), 3) {
				dir := t.TempDir()
				if err := c.Write(dir); err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(filepath.Join(dir, tc.file))
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				first := len(c.Marks) // what was said to be there, and what came after
				if may := tc.old[first:]; !slices.Contains(may[:min(2, len(may))], string(got)) && (!tc.torn || first > 0) {
					t.Errorf("%s: %q", c.Name, got)
				}
			}
		})
	}
}

// full is a disk that is full at one operation.
type full struct {
	n, at int
	short bool
}

func (f *full) Before(op durable.Op) error {
	if f.n++; f.n != f.at {
		return nil
	}
	if op.Kind == durable.Wrote && f.short {
		return &durable.Short{N: len(op.Data) / 2, Err: syscall.ENOSPC}
	}
	return syscall.ENOSPC
}

func (f *full) After(durable.Op) {}

// A full disk leaves the old file, and nothing else, and says where it is full.
func TestWriteOnAFullDisk(t *testing.T) {
	for at := 1; ; at++ {
		for _, short := range []bool{false, true} {
			dir := t.TempDir()
			path := filepath.Join(dir, "f")
			if err := durable.Write(path, []byte("old")); err != nil {
				t.Fatal(err)
			}
			disk := &full{at: at, short: short}
			stop := durable.Watch(dir, disk)
			err := durable.Write(path, []byte("new"))
			stop()
			if err == nil {
				if disk.n >= at {
					t.Fatalf("operation %d failed, and Write did not", at)
				}
				return
			}
			where, ok := errors.AsType[*os.PathError](err)
			if !errors.Is(err, syscall.ENOSPC) || !ok || filepath.Dir(where.Path) != dir && where.Path != dir {
				t.Errorf("operation %d: %v", at, err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "old" && string(got) != "new" {
				t.Errorf("operation %d: %q, %v", at, got, err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("operation %d left %v, %v", at, entries, err)
			}
		}
	}
}

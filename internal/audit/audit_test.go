package audit

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *Trail {
	t.Helper()
	trail, err := Open(Options{Dir: dir, Purpose: "test", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

// record appends so many events.
func record(t *testing.T, trail *Trail, n int) {
	t.Helper()
	for i := range n {
		if err := trail.Append(Event{Action: "file.download", Run: "r", Object: fmt.Sprintf("output-%06d", i), Counts: map[string]int64{"lines": int64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
}

// copyOf copies a trail's folder, so that it can be altered.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := errors.Join(os.CopyFS(to, os.DirFS(dir)), os.Chmod(filepath.Join(to, KeyName), 0o600)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestTrailIsVerified(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	if _, err := Verify(dir, "", ""); !errors.Is(err, ErrKey) {
		t.Errorf("no trail: %v", err)
	}
	record(t, open(t, dir), 3)
	record(t, open(t, dir), 2) // another process
	head, err := Verify(dir, "", "")
	if err != nil || head.Seq != 5 {
		t.Fatalf("head %+v, %v", head, err)
	}
	var events []Event
	if err := Events(dir, func(e Event) error { events = append(events, e); return nil }); err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		if e.Seq != int64(i+1) || e.Purpose != "test" || e.Outcome != OK || e.Actor.User == "" || e.ID == "" || time.Since(e.Time) > time.Minute || e.Time.Location() != time.UTC {
			t.Errorf("%+v", e)
		}
	}
	for _, path := range []string{"audit-000001.jsonl", KeyName, headName} {
		if st, err := os.Stat(filepath.Join(dir, path)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
	}
	record(t, open(t, dir), 1)
	if _, err := Verify(dir, "", head.String()); err != nil {
		t.Errorf("with a head that was kept: %v", err)
	}
}

// Each of a thousand alterations, by somebody without the key, is found.
func TestAlterationsAreFound(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 40)
	log := filepath.Join(dir, "audit-000001.jsonl")
	original, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	originalHead, err := os.ReadFile(filepath.Join(dir, headName))
	if err != nil {
		t.Fatal(err)
	}
	work := copyOf(t, dir)
	lines := bytes.SplitAfter(original, []byte("\n"))
	lines = lines[:len(lines)-1]
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's dice
	alter := map[string]func() ([]byte, []byte){
		"a byte": func() ([]byte, []byte) {
			b := bytes.Clone(original)
			b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
			return b, originalHead
		},
		"a byte of the head": func() ([]byte, []byte) {
			h := bytes.Clone(originalHead)
			h[r.IntN(len(h))] ^= byte(1 + r.IntN(255))
			return original, h
		},
		"a line gone": func() ([]byte, []byte) {
			n := r.IntN(len(lines))
			return bytes.Join(slices.Delete(slices.Clone(lines), n, n+1), nil), originalHead
		},
		"two lines swapped": func() ([]byte, []byte) {
			swapped := slices.Clone(lines)
			n := r.IntN(len(lines) - 1)
			m := n + 1 + r.IntN(len(lines)-n-1)
			swapped[n], swapped[m] = swapped[m], swapped[n]
			return bytes.Join(swapped, nil), originalHead
		},
		"a line twice": func() ([]byte, []byte) {
			n := r.IntN(len(lines))
			return bytes.Join(slices.Insert(slices.Clone(lines), n, lines[n]), nil), originalHead
		},
		"the end gone": func() ([]byte, []byte) { return original[:r.IntN(len(original))], originalHead },
	}
	for what, make := range alter {
		for range 200 {
			text, head := make()
			if err := errors.Join(os.WriteFile(filepath.Join(work, "audit-000001.jsonl"), text, 0o600), os.WriteFile(filepath.Join(work, headName), head, 0o600)); err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(work, "", ""); !errors.Is(err, ErrAltered) {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
}

// A head that says the same in other letters is altered as well: JSON's names and hex
// digits are read in capitals too.
func TestHeadInOtherLetters(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 1)
	path := filepath.Join(dir, headName)
	head, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range head {
		altered := bytes.Clone(head)
		altered[i] ^= 'a' ^ 'A'
		if err := os.WriteFile(path, altered, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, "", ""); !errors.Is(err, ErrAltered) {
			t.Errorf("byte %d, %q: %v", i, head[i], err)
		}
	}
	if err := os.WriteFile(path, append(head, ' '), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir, "", ""); !errors.Is(err, ErrAltered) {
		t.Errorf("a space more: %v", err)
	}
}

func TestVerifyNamesTheFirstEventThatIsWrong(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 5)
	log := filepath.Join(dir, "audit-000001.jsonl")
	original, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(original), "\n")
	for name, tc := range map[string]struct{ text, want string }{
		"altered":        {strings.Replace(string(original), `"lines":2`, `"lines":7`, 1), "event 3 is not what was recorded"},
		"missing":        {lines[0] + lines[2] + lines[3] + lines[4], "event 2 is missing or not in its place"},
		"the last gone":  {lines[0] + lines[1] + lines[2] + lines[3], "event 5 is missing"},
		"all gone":       {"", "event 1 is missing, and all after it up to 5"},
		"not in order":   {lines[0] + lines[3] + lines[2] + lines[1] + lines[4], "event 2 is missing or not in its place"},
		"forged":         {string(original) + strings.Replace(lines[4], `"seq":5`, `"seq":6`, 1), "event 6 is not what was recorded"},
		"something else": {"hello\n" + string(original), "event 1 is not what was recorded"},
	} {
		work := copyOf(t, dir)
		if err := os.WriteFile(filepath.Join(work, "audit-000001.jsonl"), []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(work, "", ""); !errors.Is(err, ErrAltered) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	older := copyOf(t, dir)
	record(t, open(t, dir), 1)
	head, err := Verify(dir, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(older, "", head.String()); !errors.Is(err, ErrAltered) {
		t.Errorf("an older copy, next to a head that was kept: %v", err)
	}
	other := t.TempDir()
	open(t, other)
	if _, err := Verify(dir, filepath.Join(other, PublicName), ""); !errors.Is(err, ErrAltered) {
		t.Errorf("another key: %v", err)
	}
}

// What a crash leaves is settled, and what nobody recorded is not taken up.
func TestTrailGoesOnAfterACrash(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 3)
	log := filepath.Join(dir, "audit-000001.jsonl")
	headBefore, err := os.ReadFile(filepath.Join(dir, headName))
	if err != nil {
		t.Fatal(err)
	}
	record(t, open(t, dir), 1)
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		log  string
		head []byte // nil: as it is
		last int64  // after one more event
	}{
		"between the line and the head": {string(whole), headBefore, 5},
		"in the middle of a line":       {string(whole[:len(whole)-10]), headBefore, 5}, // with audit.cut
		"half of a line more":           {string(whole) + `{"seq":5,"ti`, nil, 6},
	} {
		work := copyOf(t, dir)
		if err := os.WriteFile(filepath.Join(work, "audit-000001.jsonl"), []byte(tc.log), 0o600); err != nil {
			t.Fatal(err)
		}
		if tc.head != nil {
			if err := os.WriteFile(filepath.Join(work, headName), tc.head, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		record(t, open(t, work), 1)
		if head, err := Verify(work, "", ""); err != nil || head.Seq != tc.last {
			t.Errorf("%s: head %+v, %v", name, head, err)
		}
	}
	for name, text := range map[string]string{
		"a forged event":       string(whole) + strings.Replace(strings.SplitAfter(string(whole), "\n")[3], `"seq":4`, `"seq":5`, 1),
		"the last event gone":  string(whole[:bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1]),
		"all events gone":      "",
		"half a line is left":  `{"seq":1,"ti`,
		"the last one altered": strings.Replace(string(whole), `"seq":4`, `"seq":9`, 1),
	} {
		work := copyOf(t, dir)
		if err := os.WriteFile(filepath.Join(work, "audit-000001.jsonl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := open(t, work).Append(Event{Action: "x"}); !errors.Is(err, ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	work := copyOf(t, dir)
	if err := os.Remove(filepath.Join(work, "audit-000001.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, work).Append(Event{Action: "x"}); !errors.Is(err, ErrAltered) {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 1)
	for name, change := range map[string]func(dir string) error{
		"others may read it": func(dir string) error { return os.Chmod(filepath.Join(dir, KeyName), 0o644) },
		"it is gone":         func(dir string) error { return os.Remove(filepath.Join(dir, KeyName)) }, // no new one is made for an old trail
		"it is no key":       func(dir string) error { return os.WriteFile(filepath.Join(dir, KeyName), []byte("x"), 0o600) },
	} {
		work := copyOf(t, dir)
		if err := change(work); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Options{Dir: work}); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Several processes may append to one trail.
func TestTrailsOfSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	var all sync.WaitGroup
	for range 4 {
		trail := open(t, dir)
		all.Go(func() {
			for range 25 {
				if err := trail.Append(Event{Action: "query"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if head, err := Verify(dir, "", ""); err != nil || head.Seq != 100 {
		t.Errorf("head %+v, %v", head, err)
	}
}

func TestPruneKeepsSixYears(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	record(t, trail, 3)
	// A second file, as a large one would begin it.
	if err := os.WriteFile(filepath.Join(dir, "audit-000002.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := trail.Prune(6, time.Now().AddDate(10, 0, 0)); err != nil || n != 0 {
		t.Errorf("a clock ten years ahead: %d events pruned, %v", n, err)
	}
	trail.now = func() time.Time { return time.Now().AddDate(7, 0, 0) }
	record(t, trail, 2)
	if _, err := trail.Prune(5, time.Now()); err == nil {
		t.Error("five years were enough")
	}
	if n, err := trail.Prune(6, time.Now().AddDate(5, 11, 0)); err != nil || n != 0 {
		t.Errorf("%d events pruned that have to be kept, %v", n, err)
	}
	n, err := trail.Prune(6, time.Now().AddDate(6, 0, 1))
	if err != nil || n != 3 {
		t.Errorf("%d events pruned, %v", n, err)
	}
	head, err := Verify(dir, "", "")
	if err != nil || head.First != 4 || head.Seq != 6 {
		t.Errorf("head %+v, %v", head, err)
	}
	if files, _ := filesOf(dir); len(files) != 1 {
		t.Errorf("files %q", files)
	}
}

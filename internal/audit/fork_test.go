package audit

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An event that the same key signed in another copy of the trail, such as one of a backup
// that was gone on with, does not pass in its place: the one after it says what it
// follows.
func TestEventOfAnotherCopyIsFound(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), 3)
	other := copyOf(t, dir)
	record(t, open(t, other), 3)
	record(t, open(t, dir), 3)
	lines := func(dir string) [][]byte {
		text, err := os.ReadFile(filepath.Join(dir, "audit-000001.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return slices.Collect(bytes.Lines(text))
	}
	mine, theirs := lines(dir), lines(other)
	if len(mine) != 6 || len(theirs) != 6 || bytes.Equal(mine[4], theirs[4]) {
		t.Fatalf("%d and %d events", len(mine), len(theirs))
	}
	for name, tc := range map[string]struct {
		at   int
		want string // the first that does not follow
	}{
		"the first of the copy's own": {3, "event 5 does not follow"},
		"one between":                 {4, "event 5 does not follow"},
		"the last":                    {5, "event 6 does not follow"},
	} {
		text := bytes.Join(slices.Replace(slices.Clone(mine), tc.at, tc.at+1, theirs[tc.at]), nil)
		if err := os.WriteFile(filepath.Join(dir, "audit-000001.jsonl"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, "", ""); !errors.Is(err, ErrAltered) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An event after the head counts, since a crash may leave one there; one that somebody
// without the key wrote does not.
func TestForgedEventBehindTheHeadIsFound(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	record(t, trail, 2)
	head, _, err := readHead(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "audit-000001.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		key    ed25519.PrivateKey
		forged bool
	}{"by the trail's key": {trail.key, false}, "by a stranger's": {stranger, true}} {
		line, err := Event{Action: "query", Seq: head.Seq + 1, ID: "x", Prev: head.Hash}.line(tc.key)
		if err == nil {
			err = os.WriteFile(path, append(bytes.Clone(text), line...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, "", ""); errors.Is(err, ErrAltered) != tc.forged || err != nil && !tc.forged {
			t.Errorf("%s: %v", name, err)
		}
	}
}

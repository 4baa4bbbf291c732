package audit

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Mark is what somebody else keeps of a trail, to tell it from another one and from a
// shorter one.
type Mark struct {
	Key  string // public half of the signing key, hex
	Seq  int64  // of an event; 0 for none
	Hash string // of its line, hex
}

// Mark is that of the last event.
func (t *Trail) Mark() (Mark, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	unlock, err := t.lock()
	if err != nil {
		return Mark{}, err
	}
	defer unlock()
	head, _, err := readHead(t.dir)
	if err != nil {
		return Mark{}, err
	}
	end, err := t.ends(head)
	return Mark{hex.EncodeToString(t.public()), end.head.Seq, end.head.Hash}, err
}

// Dir is the trail's folder.
func (t *Trail) Dir() string { return t.dir }

// Has looks whether the trail in a folder is the one that a mark is of, and has its
// event, unless that was pruned. The error is ErrAltered where it is not, or is gone.
func Has(dir string, m Mark) error {
	key, err := loadPublic(filepath.Join(dir, PublicName))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %s is not there", ErrAltered, filepath.Join(dir, PublicName))
	}
	if err != nil {
		return err
	}
	if hex.EncodeToString(key) != m.Key {
		return fmt.Errorf("%w: it is another one, with another key", ErrAltered)
	}
	head, begun, err := readHead(dir)
	switch {
	case err != nil:
		return err
	case !begun || !head.valid(key):
		return fmt.Errorf("%w: %s is missing, or its signature is not that of the key", ErrAltered, headName)
	case m.Seq < head.First:
		return nil
	}
	files, err := filesOf(dir)
	if err != nil {
		return err
	}
	for n := len(files) - 1; n >= 0; n-- { // the event is one of the last
		text, err := os.ReadFile(files[n])
		if err != nil {
			return fmt.Errorf("audit trail: %w", err)
		}
		for line := range bytes.Lines(text) {
			if hashOf(line) == m.Hash {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: it is shorter than it was: event %d is not there", ErrAltered, m.Seq)
}

package audit

import (
	"bufio"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrAltered says that a trail is not as it was recorded.
var ErrAltered = errors.New("the audit trail was altered")

// Verify reads a trail and compares it with its head. publicKey is the public half of
// the signing key; "" for the one in the folder. anchor is a head that was printed
// earlier and kept elsewhere ("SEQ:HASH"); "" for none. The error is ErrAltered and
// names the first event that was altered, is missing or is not in its place.
func Verify(dir, publicKey, anchor string) (Head, error) {
	if publicKey == "" {
		publicKey = filepath.Join(dir, PublicName)
	}
	key, err := loadPublic(publicKey)
	if err != nil {
		return Head{}, err
	}
	head, begun, err := readHead(dir)
	switch {
	case err != nil:
		return head, err
	case !begun:
		return head, noEvents(dir)
	case !head.valid(key):
		return head, fmt.Errorf("%w: the signature of %s is not that of the key", ErrAltered, headName)
	}
	c := chain{key: key, next: head.First, prev: head.FirstPrev, head: head, anchor: anchor}
	if err := Read(dir, c.link); err != nil {
		return head, err
	}
	if err := c.end(); err != nil {
		return head, err
	}
	head.Seq, head.Hash = c.next-1, c.prev // a crash may have come before the head of the last lines
	return head, nil
}

// chain checks lines one by one.
type chain struct {
	key    ed25519.PublicKey
	next   int64  // sequence number that is due
	prev   string // hash of the line before
	head   Head
	anchor string
	met    bool // the anchor was
	torn   bool // the line before was never recorded
}

func (c *chain) link(where string, line []byte) error {
	e, ok := parse(line, c.key)
	switch {
	case !ok && isTorn(line) && c.next > c.head.Seq:
		c.torn = true
		return nil
	case !ok || c.torn:
		return fmt.Errorf("%w: event %d is not what was recorded (%s)", ErrAltered, c.next, where)
	case e.Seq < c.head.First && c.next == c.head.First:
		return nil // of a file that was pruned, and is to be removed
	case e.Seq != c.next:
		return fmt.Errorf("%w: event %d is missing or not in its place: %s has event %d", ErrAltered, c.next, where, e.Seq)
	case e.Prev != c.prev:
		return fmt.Errorf("%w: event %d does not follow the one before (%s)", ErrAltered, c.next, where)
	case e.Seq == c.head.Seq && hashOf(line) != c.head.Hash:
		return fmt.Errorf("%w: event %d is not what was recorded (%s)", ErrAltered, c.next, where)
	}
	c.prev = hashOf(line)
	if c.anchor == fmt.Sprintf("%d:%s", e.Seq, c.prev) {
		c.met = true
	}
	c.next++
	return nil
}

func (c *chain) end() error {
	switch {
	case c.next <= c.head.Seq:
		return fmt.Errorf("%w: event %d is missing, and all after it up to %d", ErrAltered, c.next, c.head.Seq)
	case c.anchor != "" && !c.met && !c.pruned():
		return fmt.Errorf("%w: it does not have the event %s that was kept elsewhere", ErrAltered, strings.SplitN(c.anchor, ":", 2)[0])
	}
	return nil
}

// pruned reports whether the anchor is of events that need no longer be kept.
func (c *chain) pruned() bool {
	var seq int64
	_, err := fmt.Sscanf(c.anchor, "%d:", &seq)
	return err == nil && seq < c.head.First
}

// Read calls do for each line of a trail, in order, with its place, such as
// "audit-000001.jsonl line 7". A last line without its newline was never recorded.
func Read(dir string, do func(where string, line []byte) error) error {
	files, err := filesOf(dir)
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := readFile(path, do); err != nil {
			return err
		}
	}
	return nil
}

func readFile(path string, do func(where string, line []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("audit trail: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	r := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("audit trail: %w", err)
		}
		if err := do(fmt.Sprintf("%s line %d", filepath.Base(path), n), line); err != nil {
			return err
		}
	}
}

// Events calls do for each event of a trail, without verifying it.
func Events(dir string, do func(Event) error) error {
	return Read(dir, func(where string, line []byte) error {
		var e struct {
			Event
			Signature string `json:"sig"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("%w: %s is not an event", ErrAltered, where)
		}
		return do(e.Event)
	})
}

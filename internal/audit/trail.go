package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	// maxFileBytes is when a new file is begun.
	maxFileBytes = 16 << 20
	filePattern  = "audit-*.jsonl"
)

// Options say whose trail to write.
type Options struct {
	Dir     string // made when missing, mode 0700, with a signing key
	Purpose string // of use, for all events
	Version string // of claimlake
}

// Trail appends events. It may be used concurrently, by several processes too.
type Trail struct {
	dir     string
	key     ed25519.PrivateKey
	actor   Actor
	purpose string
	now     func() time.Time

	mu sync.Mutex // of what one process appends
}

// Open opens a trail, or begins one. The error is ErrKey for a key that cannot be used.
func Open(o Options) (*Trail, error) {
	if err := durable.MkdirAll(o.Dir); err != nil {
		return nil, fmt.Errorf("audit trail: %w", err)
	}
	t := &Trail{dir: o.Dir, actor: whoIsIt(o.Version), purpose: o.Purpose, now: time.Now}
	unlock, err := t.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return t, t.open()
}

// open reads the key, or begins a trail: with a key and a head, before the first event.
func (t *Trail) open() error {
	path := filepath.Join(t.dir, KeyName)
	head, begun, err := readHead(t.dir)
	if err != nil {
		return err
	}
	if !begun {
		if err := noEvents(t.dir); err != nil {
			return err
		}
		if _, missing := os.Stat(path); errors.Is(missing, os.ErrNotExist) {
			if err := newKey(path); err != nil {
				return err
			}
		}
	}
	if t.key, err = loadKey(path); err != nil {
		return err
	}
	if err := writePublic(path, t.public()); err != nil || begun {
		return err
	}
	if err := head.sign(t.key).write(t.dir); err != nil {
		return fmt.Errorf("audit trail: %w", err)
	}
	return nil
}

// noEvents reports events without a head.
func noEvents(dir string) error {
	files, err := filesOf(dir)
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("%w: %s is missing", ErrAltered, headName)
	}
	return err
}

func (t *Trail) public() ed25519.PublicKey {
	return t.key.Public().(ed25519.PublicKey) //nolint:forcetypeassert // it is one
}

// lock keeps other processes from appending.
func (t *Trail) lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(t.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:forbidigo // a lock ends with its process
	if err != nil {
		return nil, fmt.Errorf("audit trail: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return nil, fmt.Errorf("audit trail: %w", errors.Join(err, f.Close()))
	}
	return func() { _ = f.Close() }, nil
}

// Append adds an event. A nil Trail records nothing.
//
// An event needs Action; number, time, actor and hash are filled in. It is durable when
// Append returns. Where Append fails, what the event records must not be done, and the
// event may be in the trail all the same.
func (t *Trail) Append(e Event) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	unlock, err := t.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.append(e); err != nil {
		return fmt.Errorf("audit trail: the event %s could not be recorded, and so nothing is done: %w", e.Action, err)
	}
	return nil
}

func (t *Trail) append(e Event) error {
	head, begun, err := readHead(t.dir)
	switch {
	case err != nil:
		return err
	case !begun:
		return fmt.Errorf("%w: %s is missing", ErrAltered, headName)
	case !head.valid(t.public()): // of another key, if the folder is another one by now
		return fmt.Errorf("%w: the signature of %s is not that of the key", ErrAltered, headName)
	}
	end, err := t.ends(head)
	if err != nil {
		return err
	}
	if end.torn > 0 {
		if end, err = t.cut(end); err != nil {
			return err
		}
	}
	_, err = t.add(e, end)
	return err
}

// cut removes a line that was never recorded, and records that.
func (t *Trail) cut(end ending) (ending, error) {
	f, err := durable.OpenFile(end.path, os.O_WRONLY)
	if err != nil {
		return end, err
	}
	if err := errors.Join(f.Truncate(end.size), f.Close()); err != nil {
		return end, err
	}
	cut := Event{Action: "audit.cut", Object: filepath.Base(end.path), Outcome: Failed, Counts: map[string]int64{"bytes": end.torn}}
	return t.add(cut, end)
}

// add writes an event after the last one, and then the head.
func (t *Trail) add(e Event, end ending) (ending, error) {
	now := t.now().UTC().Truncate(time.Microsecond)
	id, err := uuid.NewV7()
	if err != nil {
		return end, err
	}
	e.Seq, e.Time, e.ID, e.Actor, e.Prev = end.head.Seq+1, now, id.String(), t.actor, end.head.Hash
	if before, ok := parse(end.last, t.public()); ok {
		e.ClockBack = now.Before(before.Time)
	}
	if e.Purpose == "" {
		e.Purpose = t.purpose
	}
	if e.Outcome == "" {
		e.Outcome = OK
	}
	line, err := e.line(t.key)
	if err != nil {
		return end, err
	}
	if end, err = t.write(line, end); err != nil {
		return end, err
	}
	end.last, end.head.Seq, end.head.Hash = line, e.Seq, hashOf(line)
	return end, end.head.sign(t.key).write(t.dir)
}

// write makes a line durable at the end of the last file, or of a new one.
func (t *Trail) write(line []byte, end ending) (ending, error) {
	fresh := end.path == "" || end.size > 0 && end.size+int64(len(line)) > maxFileBytes
	if fresh {
		files, err := filesOf(t.dir)
		if err != nil {
			return end, err
		}
		end.path, end.size = filepath.Join(t.dir, fmt.Sprintf("audit-%06d.jsonl", numberOf(files)+1)), 0
	}
	f, err := durable.OpenFile(end.path, os.O_CREATE|os.O_WRONLY)
	if err != nil {
		return end, err
	}
	_, err = f.WriteAt(line, end.size)
	if err == nil {
		err = f.Sync()
	}
	if err != nil { // a full disk: no half of a line
		return end, errors.Join(err, f.Truncate(end.size), f.Close())
	}
	if err := f.Close(); err != nil {
		return end, err
	}
	end.size += int64(len(line))
	return end, durable.SyncDir(t.dir)
}

// filesOf are the files of a trail, in their order.
func filesOf(dir string) ([]string, error) {
	files, err := durable.Glob(dir, filePattern)
	slices.Sort(files)
	return files, err
}

// numberOf is the number of the last file.
func numberOf(files []string) (n int) {
	if len(files) > 0 {
		_, _ = fmt.Sscanf(filepath.Base(files[len(files)-1]), "audit-%06d.jsonl", &n)
	}
	return n
}

package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
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

	mu   sync.Mutex // of what one process appends
	last time.Time
}

// Open opens a trail, or begins one. The error is ErrKey for a key that cannot be used.
func Open(o Options) (*Trail, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("audit trail: %w", err)
	}
	t := &Trail{dir: o.Dir, actor: whoIsIt(o.Version), purpose: o.Purpose}
	unlock, err := t.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	path := filepath.Join(o.Dir, KeyName)
	_, begun, err := readHead(o.Dir)
	if err != nil {
		return nil, err
	}
	if _, missing := os.Stat(path); errors.Is(missing, os.ErrNotExist) && !begun {
		if err := NewKey(path); err != nil {
			return nil, err
		}
	}
	t.key, err = loadKey(path)
	return t, err
}

func (t *Trail) public() ed25519.PublicKey {
	return t.key.Public().(ed25519.PublicKey) //nolint:forcetypeassert // it is one
}

// lock keeps other processes from appending.
func (t *Trail) lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(t.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
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
// An event needs Action; number, time, actor and hash are filled in. It is durable when Append returns; where it cannot be, what
// the event records must not be done.
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
	head, _, err := readHead(t.dir)
	if err != nil {
		return err
	}
	if head, err = t.adopt(head); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	e.Seq, e.Time, e.ID, e.Actor, e.Prev = head.Seq+1, now, id.String(), t.actor, head.Hash
	e.ClockBack = now.Before(t.last)
	if t.last = now; e.Purpose == "" {
		e.Purpose = t.purpose
	}
	if e.Outcome == "" {
		e.Outcome = OK
	}
	line, err := e.line(t.key)
	if err != nil {
		return err
	}
	if err := t.write(line); err != nil {
		return err
	}
	head.Seq, head.Hash = e.Seq, hashOf(line)
	return head.sign(t.key).write(t.dir)
}

// write makes a line durable at the end of the last file, or of a new one.
func (t *Trail) write(line []byte) error {
	files, err := filesOf(t.dir)
	if err != nil {
		return err
	}
	path, fresh := "", true
	if n := len(files); n > 0 {
		path, fresh = files[n-1], false
		if st, err := os.Stat(path); err != nil {
			return err
		} else if st.Size()+int64(len(line)) > maxFileBytes {
			fresh = true
		}
	}
	if fresh {
		path = filepath.Join(t.dir, fmt.Sprintf("audit-%06d.jsonl", numberOf(files)+1))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	before, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if _, err := f.Write(line); err != nil {
		return errors.Join(err, f.Truncate(before), f.Close()) // a full disk: no half of a line
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil || !fresh {
		return err
	}
	return durable.SyncDir(t.dir)
}

// filesOf are the files of a trail, in their order.
func filesOf(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, filePattern))
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

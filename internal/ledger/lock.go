package ledger

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another process runs on the same lake.
var ErrLocked = errors.New("the lake is in use")

// Lock is held by the one process that may change a lake. The operating system
// drops it when the process ends, however it ends.
type Lock struct{ file *os.File }

// Acquire takes the lock of the lake in dir without waiting. The error is
// ErrLocked, with the owner's pid, when another process has it.
func Acquire(dir string) (*Lock, error) {
	path := filepath.Join(dir, ".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:forbidigo // a lock ends with its process
	if err != nil {
		return nil, fmt.Errorf("lock lake: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		owner, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		return nil, fmt.Errorf("%w: process %s has a run on %s; wait for it or stop it", ErrLocked, strings.TrimSpace(string(owner)), dir)
	}
	if err := errors.Join(f.Truncate(0), writePid(f)); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock lake: %w", err)
	}
	return &Lock{file: f}, nil
}

// InUse reports whether a process has the lock of the lake in dir. It takes the lock for
// a moment to see.
func InUse(dir string) (bool, error) {
	f, err := os.Open(filepath.Join(dir, ".lock"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lake's lock: %w", err)
	}
	defer f.Close() //nolint:errcheck // gives the lock back
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look at the lake's lock: %w", err)
	}
	return false, nil
}

func writePid(f *os.File) error {
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.file.Close() }

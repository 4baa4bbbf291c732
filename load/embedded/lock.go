package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another process has the data folder open.
var ErrInUse = errors.New("the embedded warehouse is in use")

// orphanWait is how long the child of a dead parent may take to finish.
const orphanWait = 20 * time.Second

// lock takes the data folder for this process until it ends. owner is the pid
// of the claimlake that started the engine. The error is ErrInUse, with the
// other owner's pid. A child whose owner is dead is about to end: wait for it.
func lock(dir string, owner int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the embedded warehouse: %w", err)
	}
	for deadline := time.Now().Add(orphanWait); ; time.Sleep(50 * time.Millisecond) {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		other := ownerOf(f)
		if alive(other) || time.Now().After(deadline) {
			_ = f.Close()
			return nil, fmt.Errorf("%w: process %d has %s open; wait for it or stop it", ErrInUse, other, dir)
		}
	}
	if err := errors.Join(f.Truncate(0), writePid(f, owner)); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock the embedded warehouse: %w", err)
	}
	return f, nil
}

func writePid(f *os.File, pid int) error {
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", pid), 0)
	return err
}

func ownerOf(f *os.File) int {
	text, _ := io.ReadAll(io.NewSectionReader(f, 0, 32))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// alive reports whether the process exists; EPERM means that it does, as
// another user's.
func alive(pid int) bool {
	return pid > 0 && !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}

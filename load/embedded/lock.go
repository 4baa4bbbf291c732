package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another process has the data folder open and does not share it.
var ErrInUse = errors.New("the embedded warehouse is in use")

// lockFolder takes the data folder for the engine that is about to start; nil where
// another engine has it. The lock belongs to all processes that have the file open: the
// engine's process inherits it, and the system drops it when that ends, however it ends.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the embedded warehouse: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		err = f.Truncate(0) // says nothing of the one before
	}
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock the embedded warehouse: %w", err)
}

// shared follows the pid in the lock's file where others can join.
const shared = "shared"

// writeOwner says in the lock's file which process has it, and whether others can join.
func writeOwner(f *os.File, pid int, joins bool) error {
	text := fmt.Sprintf("%d\n", pid)
	if joins {
		text = fmt.Sprintf("%d %s\n", pid, shared)
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// ownerOf is the pid of the process that has the folder's lock, 0 where it is not known,
// and whether others can join: never with a claimlake before the one that shares.
func ownerOf(dir string) (pid int, joins bool) {
	f, err := os.Open(filepath.Join(dir, ".lock"))
	if err != nil {
		return 0, false
	}
	defer f.Close() //nolint:errcheck // read only
	text, _ := io.ReadAll(io.LimitReader(f, 64))
	digits, rest, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, _ = strconv.Atoi(digits)
	return pid, rest == shared
}

// alive reports whether the process exists; EPERM means that it does, as
// another user's.
func alive(pid int) bool {
	return pid > 0 && !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}

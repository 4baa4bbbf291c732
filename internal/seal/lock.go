package seal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Lock waits until no other process changes a key set of the file's folder, and keeps
// others from it. Who changes a key set holds it from before reading until it is written.
func Lock(path string) (unlock func(), err error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, errors.Join(err, dir.Close()))
	}
	return func() { _ = dir.Close() }, nil
}

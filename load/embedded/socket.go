package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Processes find the engine of a data folder at a socket in it, which only the folder's
// owner can open: its folder has mode 0700, and itself 0600. What comes over it may use
// the engine, and the password of the HTTP interface goes over nothing else.
const (
	engineDir  = ".engine"
	socketFile = "socket"
)

// maxSocketPath is what every system takes as a socket's name (macOS: 104 bytes with NUL).
const maxSocketPath = 100

// withSocket calls do with a name of dir's socket that the system takes, however long the
// folder's is: through the open folder then, which Linux has a short name for.
func withSocket(dir string, do func(path string) error) error {
	dir = filepath.Join(dir, engineDir)
	if path := filepath.Join(dir, socketFile); len(path) <= maxSocketPath {
		return do(path)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close() //nolint:errcheck // read only
	return do(fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), socketFile))
}

// listenIn makes dir's socket. Only who has the folder's lock may: what is there is stale.
func listenIn(dir string) (l *net.UnixListener, err error) {
	folder := filepath.Join(dir, engineDir)
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.Chmod(folder, 0o700)); err != nil { //nolint:gosec // a folder
		return nil, err
	}
	if err := os.Remove(filepath.Join(folder, socketFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	err = withSocket(dir, func(path string) error {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false) // it is the engine's
		return os.Chmod(path, 0o600)
	})
	return l, err
}

// dialIn connects to the engine of dir.
func dialIn(ctx context.Context, dir string) (c *net.UnixConn, err error) {
	err = withSocket(dir, func(path string) error {
		found, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err == nil {
			c = found.(*net.UnixConn)
		}
		return err
	})
	return c, err
}

// socketPair are two ends of a connection, the second as a file for another process.
func socketPair() (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	theirs := os.NewFile(uintptr(fds[1]), "engine")
	c, err := connOf(os.NewFile(uintptr(fds[0]), "engine"))
	if err != nil {
		_ = theirs.Close()
	}
	return c, theirs, err
}

// connOf is the connection of a file, which it closes.
func connOf(f *os.File) (*net.UnixConn, error) {
	defer f.Close() //nolint:errcheck // the connection has its own
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return c.(*net.UnixConn), nil
}

// sendFile sends a message with an open file.
func sendFile(c *net.UnixConn, message []byte, f *os.File) error {
	n, _, err := c.WriteMsgUnix(message, unix.UnixRights(int(f.Fd())), nil)
	if err == nil && n < len(message) {
		_, err = c.Write(message[n:])
	}
	return err
}

// receiveFile receives what begins with what sendFile sent: the first bytes, at most 64
// KiB, and the file.
func receiveFile(c *net.UnixConn) ([]byte, *os.File, error) {
	message, oob := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4))
	n, used, _, _, err := c.ReadMsgUnix(message, oob)
	switch {
	case err != nil:
		return nil, nil, err
	case n == 0:
		return nil, nil, io.EOF
	}
	list, err := unix.ParseSocketControlMessage(oob[:used])
	if err != nil || len(list) != 1 {
		return nil, nil, fmt.Errorf("no file came with the order: %w", err)
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil || len(fds) != 1 {
		return nil, nil, fmt.Errorf("no file came with the order: %w", err)
	}
	unix.CloseOnExec(fds[0])
	return message[:n], os.NewFile(uintptr(fds[0]), "listener"), nil
}

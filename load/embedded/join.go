package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// sharedWait is how long a process that has the folder's lock may be without a socket: an
// engine that ends, or one about to start.
const sharedWait = shutdownWait + 2*closeWait

// join gives the process a part in the folder's engine, which it starts where there is
// none, and returns what the engine says from then on. Who finds neither an engine nor the
// folder's lock free comes between two engines, and tries again.
func (s *Server) join(ctx context.Context) (*json.Decoder, error) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	missing := time.Now().Add(sharedWait)
	for {
		c, child, err := s.place.connect(ctx)
		if err != nil {
			return nil, fmt.Errorf("start the embedded ClickHouse: %w", err)
		}
		if c != nil {
			lines, err := s.enter(ctx, c, child)
			if lines != nil || err != nil {
				return lines, err
			}
			missing = time.Now().Add(sharedWait)
		}
		if pid, joins := ownerOf(s.place.dir); c == nil && (time.Now().After(missing) || !joins && alive(pid)) {
			return nil, fmt.Errorf("%w: process %d has %s open and does not share it; wait for it or stop it", ErrInUse, pid, s.place.dir)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("start the embedded ClickHouse: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// connect gives a connection to the engine of the folder, and the engine's process where
// it started it; no connection where another process has the lock and no socket.
func (p place) connect(ctx context.Context) (*net.UnixConn, *child, error) {
	if c, err := dialIn(ctx, p.dir); err == nil {
		return c, nil, nil
	}
	held, err := lockFolder(p.dir)
	if held == nil || err != nil {
		return nil, nil, err
	}
	defer held.Close() //nolint:errcheck // the child has its own
	return p.launch(held)
}

// enter sends the order and waits for the engine's answer; nothing where the engine that
// another process started has ended meanwhile.
func (s *Server) enter(ctx context.Context, c *net.UnixConn, child *child) (lines *json.Decoder, err error) {
	defer context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Now()) })()
	defer func() {
		if lines == nil {
			_ = c.Close()
		}
	}()
	if err := s.introduce(c); err != nil && child == nil {
		return nil, nil
	}
	answers := json.NewDecoder(c)
	var r ready
	err = answers.Decode(&r)
	switch {
	case ctx.Err() != nil:
		child.kill()
		return nil, fmt.Errorf("start the embedded ClickHouse: %w", ctx.Err())
	case err != nil && child != nil:
		return nil, fmt.Errorf("start the embedded ClickHouse: %w (%s)", ErrCrashed, child.end())
	case err != nil:
		return nil, nil
	case r.Error != "":
		return nil, fmt.Errorf("start the embedded ClickHouse: %s", r.Error)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.pid, s.open, s.Version = c, r.Pid, r.Open, r.Version
	return answers, nil
}

// introduce gives the engine the order and the listener.
func (s *Server) introduce(c *net.UnixConn) error {
	line, err := json.Marshal(s.order)
	if err != nil {
		return err
	}
	listener, err := s.listener.File()
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the engine has its own
	return sendFile(c, append(line, '\n'), listener)
}

// child is an engine's process that this one has started. It goes on without it.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// launch starts the engine's process, which inherits the folder's lock and the socket at
// which others join.
func (p place) launch(held *os.File) (*net.UnixConn, *child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c, theirs, err := socketPair()
	if err != nil {
		return nil, nil, err
	}
	defer theirs.Close() //nolint:errcheck // the child has its own
	socket, joins, err := socketOf(p.dir)
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	defer socket.Close()                       //nolint:errcheck // the child has its own
	cmd := exec.Command(exe, p.dir, p.library) //nolint:noctx // lives as long as somebody uses it
	// Nothing of our environment, which may hold keys.
	cmd.Env = []string{ChildVariable + "=" + p.stage, "TZ=UTC"}
	cmd.Dir = p.dir
	// Its stdin stays empty: libchdb may read it before an insert's file, and waits then.
	cmd.ExtraFiles = []*os.File{theirs, held, socket}
	// Its own process group: Ctrl-C in a terminal must reach the parent alone,
	// which then gives the engine up in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	_ = writeOwner(held, cmd.Process.Pid, joins) // only for a message
	started := &child{cmd: cmd, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(started.exited)
	}()
	return c, started, nil
}

// socketOf is dir's socket; another file where the file system has no sockets, so that
// nobody can join.
func socketOf(dir string) (f *os.File, joins bool, err error) {
	l, err := listenIn(dir)
	if err != nil {
		f, err = os.Open(os.DevNull)
		return f, false, err
	}
	defer l.Close() //nolint:errcheck // the file is its own
	f, err = l.File()
	return f, true, err
}

// end waits for the process, which has hung up, and says how it ended.
func (c *child) end() string {
	select {
	case <-c.exited:
		return c.cmd.ProcessState.String()
	case <-time.After(closeWait):
		return "it hung up"
	}
}

// kill ends a process that does not answer, where it is this one's.
func (c *child) kill() {
	if c != nil {
		_ = c.cmd.Process.Kill()
	}
}

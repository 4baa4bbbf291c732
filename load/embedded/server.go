package embedded

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// DefaultListen is where `claimlake warehouse` serves: ClickHouse's usual HTTP
// port, on loopback.
const DefaultListen = "127.0.0.1:8123"

// ErrCrashed says that the engine's process ended by itself. Tables keep what
// was inserted; the run can be resumed.
var ErrCrashed = errors.New("the embedded ClickHouse ended unexpectedly")

// startWait bounds the start: a large warehouse takes seconds to open.
const startWait = 2 * time.Minute

// Options says what to start.
type Options struct {
	Dir      string // the data folder, made with mode 0700 when missing
	Library  string // libchdb's file; "" for Locate's choice
	Listen   string // loopback address; "" for a free port
	User     string // "" for "claimlake"
	Password string // "" for a random one
	// Reader is the database that readers see, and nothing else of this machine: the engine
	// then changes nothing. "" is a writable engine.
	Reader string
	Log    *slog.Logger // says where the system cannot confine the engine; nil for slog's default
	// Record is called before each statement runs, one at a time, with its Fingerprint;
	// where it fails the statement is refused. It may be nil.
	Record func(statement string) error

	unwalled []string // walls that a test takes away
}

// The walls between a reader and this machine, each of which is enough.
const (
	wallAccess = "access" // ClickHouse's rights, and what a reader's statement may be
	wallSystem = "system" // what the operating system allows the process
)

// Server is a running engine. Its methods may be called concurrently.
type Server struct {
	Addr     string // host:port of the HTTP interface
	User     string
	Password string
	Version  string // ClickHouse's

	cmd    *exec.Cmd
	orders io.WriteCloser
	done   chan struct{}
	open   []string // why parts of the confinement are missing
	mu     sync.Mutex
	ended  bool // Close was called
	err    error
}

// Start runs the engine in a child process and returns when it answers. The
// error is ErrNoLibrary, ErrInUse, or says what to do. ctx bounds the start
// only.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	order, err := o.order()
	if err != nil {
		return nil, err
	}
	s := &Server{User: order.User, Password: order.Password, done: make(chan struct{})}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse: listen on %s: %w; is another claimlake or ClickHouse on this port?", o.Listen, err)
	}
	defer l.Close() //nolint:errcheck // the child has its own
	s.Addr = l.Addr().String()
	answer, err := s.launch(order, l.(*net.TCPListener))
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	go s.wait()
	lines := bufio.NewReader(answer)
	if err := s.await(ctx, answer, lines); err != nil {
		_ = answer.Close()
		_ = s.Close()
		return nil, err
	}
	s.warn(o.Log)
	if o.Record == nil {
		return s, answer.Close()
	}
	go func() {
		defer answer.Close() //nolint:errcheck // read only
		o.answer(lines, s.orders)
	}()
	return s, nil
}

// order fills in the defaults.
func (o Options) order() (order, error) {
	library, err := Locate(o.Library)
	if err != nil {
		return order{}, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return order{}, fmt.Errorf("warehouse folder %s: %w", o.Dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return order{}, fmt.Errorf("make the warehouse folder: %w", err)
	}
	// The engine may open files below these names only, wherever links lead.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return order{}, fmt.Errorf("warehouse folder %s: %w", o.Dir, err)
	}
	if library, err = filepath.EvalSymlinks(library); err != nil {
		return order{}, fmt.Errorf("libchdb: %w", err)
	}
	out := order{Dir: dir, Library: library, User: o.User, Password: o.Password, Reader: o.Reader, Record: o.Record != nil, Owner: os.Getpid(), Unwalled: o.unwalled}
	if out.User == "" {
		out.User = "claimlake"
	}
	if out.Password == "" {
		out.Password = rand.Text()
	}
	return out, checkLoopback(o.Listen)
}

// launch starts the child, gives it its order and returns the end of the pipe
// on which it answers.
func (s *Server) launch(o order, l *net.TCPListener) (*os.File, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	answer, child, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer child.Close() //nolint:errcheck // the child has its own
	listener, err := l.File()
	if err != nil {
		return answer, err
	}
	defer listener.Close()                      //nolint:errcheck // the child has its own
	s.cmd = exec.Command(exe, o.Dir, o.Library) //nolint:noctx // lives until Close
	// Nothing of our environment, which may hold keys.
	s.cmd.Env = []string{ChildVariable + "=" + o.firstStage(), "TZ=UTC"}
	s.cmd.Dir = o.Dir
	orders, mine, err := os.Pipe()
	if err != nil {
		return answer, err
	}
	defer orders.Close() //nolint:errcheck // the child has its own
	s.orders = mine
	// Its stdin stays empty: libchdb may read it before an insert's file, and waits then.
	s.cmd.ExtraFiles = []*os.File{child, orders, listener}
	// Its own process group: Ctrl-C in a terminal must reach the parent alone,
	// which then closes the engine in order.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return answer, errors.Join(err, mine.Close())
	}
	return answer, json.NewEncoder(s.orders).Encode(o)
}

func (o order) firstStage() string {
	if o.without(wallSystem) {
		return stageServe
	}
	return stageConfine
}

var warned sync.Once

// warn says, once in a process, what of the confinement this system cannot do.
func (s *Server) warn(log *slog.Logger) {
	if len(s.open) == 0 {
		return
	}
	if log == nil {
		log = slog.Default()
	}
	warned.Do(func() {
		log.Warn("this system cannot confine the embedded ClickHouse to its folder; readers are held by ClickHouse's own rights only", "reason", strings.Join(s.open, "; "))
	})
}

// await reads the child's answer, the first of lines.
func (s *Server) await(ctx context.Context, answer *os.File, lines *bufio.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = answer.SetReadDeadline(time.Now()) })()
	var r ready
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("start the embedded ClickHouse: %w", ctx.Err())
	case err != nil:
		<-s.done
		return fmt.Errorf("start the embedded ClickHouse: %w", s.Err())
	case r.InUse:
		return &inUse{text: r.Error}
	case r.Error != "":
		return fmt.Errorf("start the embedded ClickHouse: %s", r.Error)
	}
	s.Version, s.open = r.Version, r.Open
	return nil
}

// inUse is the child's ErrInUse with its text.
type inUse struct{ text string }

func (e *inUse) Error() string { return e.text }
func (e *inUse) Unwrap() error { return ErrInUse }

// wait sees the child end.
func (s *Server) wait() {
	err := s.cmd.Wait()
	s.mu.Lock()
	if !s.ended {
		s.err = fmt.Errorf("%w (%s)", ErrCrashed, s.cmd.ProcessState)
	} else if err != nil {
		s.err = fmt.Errorf("close the embedded ClickHouse: %w", err)
	}
	s.mu.Unlock()
	close(s.done)
}

// Done is closed when the engine's process has ended, however it did.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says why the engine ended: nil while it runs and after a clean Close,
// ErrCrashed otherwise.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Pid is the engine's process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Close ends the engine: running queries may finish, data is flushed. The
// error is ErrCrashed when it had ended before.
func (s *Server) Close() error {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	_ = s.orders.Close()
	select {
	case <-s.done:
	case <-time.After(shutdownWait + closeWait):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
	return s.Err()
}

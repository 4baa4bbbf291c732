package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
)

// DefaultListen is where `claimlake warehouse` serves: ClickHouse's usual HTTP
// port, on loopback.
const DefaultListen = "127.0.0.1:8123"

// ErrCrashed says that the engine's process ended by itself. Tables keep what
// was inserted; the run can be resumed.
var ErrCrashed = errors.New("the embedded ClickHouse ended unexpectedly")

// startWait bounds the start: a large warehouse takes seconds to open, and an engine that
// ends while others want it, its time to close.
const startWait = 2 * time.Minute

// An engine that ends unexpectedly is followed by another, but not more than maxCrashes
// times within crashTime.
const (
	maxCrashes = 5
	crashTime  = time.Minute
)

// Options says what is wanted of the engine.
type Options struct {
	Dir      string // the data folder, made with mode 0700 when missing
	Library  string // libchdb's file; "" for Locate's choice
	Listen   string // loopback address; "" for a free port
	User     string // "" for "claimlake"
	Password string // "" for a random one
	// Reader is the database that readers see, and nothing else of this machine: who asks
	// changes nothing then. "" gives all rights.
	Reader string
	// Pin holds each of a reader's statements to one moment.
	Pin Pin
	// Database is the one that a process with all rights loads, so that readers may come
	// while it does; "" for none.
	Database string
	Log      *slog.Logger // says where the system cannot confine the engine; nil for slog's default
	// Record is called before each statement runs, one at a time, with its Fingerprint;
	// where it fails the statement is refused. It may be nil.
	Record func(statement string) error

	unwalled []string // walls that a test takes away
}

// Pin is a query whose answer, a number, is the value of a setting while a statement runs. It
// is asked before the statement, and again for the next; a table that is not there yet is 0.
type Pin struct{ Setting, Query string }

// The walls between a reader and this machine, each of which is enough.
const (
	wallAccess = "access" // ClickHouse's rights, and what a reader's statement may be
	wallSystem = "system" // what the operating system allows the process
)

// Server is a running engine, which other processes may use too. Its methods may be called
// concurrently.
type Server struct {
	Addr     string // host:port of the HTTP interface
	User     string
	Password string
	Version  string // ClickHouse's

	options  Options
	place    place
	order    order
	listener *net.TCPListener
	done     chan struct{}   // closed when there is no engine any longer
	ctx      context.Context //nolint:containedctx // until Close
	stop     context.CancelFunc

	mu   sync.Mutex
	conn *net.UnixConn // to the engine
	pid  int
	open []string // why parts of the confinement are missing
	err  error
}

// place is where an engine runs: absolute names without links, since its process may open
// files below these only.
type place struct {
	dir, library string
	stage        string // the child's first
}

// Start gives the engine of a data folder when it answers: the one that another process
// has started, or one in a child process, which goes on as long as somebody uses it. Where
// it ends unexpectedly, whoever uses it goes on with another, at the same address. The
// error is ErrNoLibrary, ErrInUse, or says what to do. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if err := checkLoopback(o.Listen); err != nil {
		return nil, err
	}
	place, err := o.place()
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, place: place, order: o.order(), done: make(chan struct{})}
	s.User, s.Password = s.order.User, s.order.Password
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse: listen on %s: %w; is another claimlake or ClickHouse on this port?", o.Listen, err)
	}
	s.listener, s.Addr = l.(*net.TCPListener), l.Addr().String()
	lines, err := s.join(ctx)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.warn(o.Log)
	s.ctx, s.stop = context.WithCancel(context.Background())
	go s.keep(lines)
	return s, nil
}

// place finds the data folder, which it makes, and the library.
func (o Options) place() (p place, err error) {
	if p.library, err = Locate(o.Library); err != nil {
		return p, err
	}
	if p.dir, err = filepath.Abs(o.Dir); err != nil {
		return p, fmt.Errorf("warehouse folder %s: %w", o.Dir, err)
	}
	if err := durable.MkdirAll(p.dir); err != nil {
		return p, fmt.Errorf("make the warehouse folder: %w", err)
	}
	if p.dir, err = filepath.EvalSymlinks(p.dir); err != nil {
		return p, fmt.Errorf("warehouse folder %s: %w", o.Dir, err)
	}
	if p.library, err = filepath.EvalSymlinks(p.library); err != nil {
		return p, fmt.Errorf("libchdb: %w", err)
	}
	if p.stage = stageConfine; slices.Contains(o.unwalled, wallSystem) {
		p.stage = stageServe
	}
	return p, nil
}

// order fills in the defaults.
func (o Options) order() order {
	out := order{Protocol: protocol, User: o.User, Password: o.Password, Reader: o.Reader, Database: o.Database, Pin: o.Pin, Record: o.Record != nil, Unwalled: o.unwalled}
	if out.User == "" {
		out.User = "claimlake"
	}
	if out.Password == "" {
		out.Password = rand.Text()
	}
	return out
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

// keep answers the engine's questions until it ends, and then goes on with another one.
func (s *Server) keep(questions *json.Decoder) {
	defer close(s.done)
	defer s.listener.Close() //nolint:errcheck // nothing is lost
	var crashes []time.Time
	for {
		s.options.answer(questions, s.conn)
		if s.ctx.Err() != nil {
			return
		}
		now := time.Now()
		crashes = append(slices.DeleteFunc(crashes, func(t time.Time) bool { return now.Sub(t) > crashTime }), now)
		err := fmt.Errorf("%w %d times within %s", ErrCrashed, len(crashes), crashTime)
		if len(crashes) < maxCrashes {
			s.logger().Warn("the embedded ClickHouse has ended unexpectedly; another one goes on")
			questions, err = s.join(s.ctx)
		}
		if s.ctx.Err() != nil { // Close has hung up on the one before
			_ = s.conn.CloseWrite()
		}
		if err != nil {
			s.fail(err)
			return
		}
	}
}

func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() == nil {
		s.err = err
	}
}

func (s *Server) logger() *slog.Logger {
	if s.options.Log == nil {
		return slog.Default()
	}
	return s.options.Log
}

// Done is closed when there is no engine, and none follows.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says why the engine ended: nil while there is one and after a clean Close,
// ErrCrashed or what else was wrong otherwise.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Pid is the engine's process.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// Close gives the engine up, which ends where nobody else uses it: running queries may
// finish, data is flushed. The error is ErrCrashed when it had ended before.
func (s *Server) Close() error {
	s.mu.Lock()
	s.stop()
	_ = s.conn.CloseWrite()
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-time.After(shutdownWait + 2*closeWait):
		_ = s.conn.Close()
		<-s.done
	}
	return s.Err()
}

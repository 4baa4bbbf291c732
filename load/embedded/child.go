package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// ChildVariable names the stage in the environment of the child process.
const ChildVariable = "CLAIMLAKE_EMBEDDED"

// What the child inherits: firstFD is the connection to who started it, heldFD the folder's
// lock, and socketFD the socket at which others join, or another file.
const (
	firstFD  = 3
	heldFD   = 4
	socketFD = 5
)

// How long running queries may take when the child ends, and the engine to close; and how
// long clients have for a last answer where another child follows.
const (
	shutdownWait = 10 * time.Second
	closeWait    = 5 * time.Second
	movingWait   = time.Second
)

// protocol is the version of what order, ready and the record's questions mean.
const protocol = 1

// order is what a process asks of the engine: one line of JSON, with the listener on which
// the process wants to be served.
type order struct {
	Protocol int
	User     string
	Password string
	Reader   string   // the database that readers see; "" for all rights
	Database string   // the one that is loaded
	Unwalled []string // walls that a test takes away, from who starts the engine
	Pin      Pin
	Record   bool // ask before each statement
}

func (o order) without(wall string) bool { return slices.Contains(o.Unwalled, wall) }

// ready is the child's answer: one line of JSON.
type ready struct {
	Version string
	Pid     int
	Open    []string // why parts of the confinement are missing
	Error   string
}

// Child runs the engine and never returns when this process is the child that
// Start made; in any other process it does nothing. main calls it first.
func Child() {
	var err error
	switch os.Getenv(ChildVariable) {
	default:
		return
	case stageConfine:
		if err = confine(); err != nil {
			_ = json.NewEncoder(os.NewFile(firstFD, "first")).Encode(ready{Error: err.Error()})
		}
	case stageServe:
		var first *net.UnixConn
		if first, err = connOf(os.NewFile(firstFD, "first")); err != nil {
			break
		}
		if err = runChild(first); err != nil {
			_ = json.NewEncoder(first).Encode(ready{Error: err.Error()})
		}
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// arguments of the child are the warehouse's folder and libchdb's file.
func arguments() (dir, library string, err error) {
	if len(os.Args) != 3 {
		return "", "", fmt.Errorf("the engine's process has %d arguments, want 2", len(os.Args)-1)
	}
	return os.Args[1], os.Args[2], nil
}

// confine is the first stage.
func confine() error {
	dir, library, err := arguments()
	if err != nil {
		return err
	}
	a, err := accessOf(dir, library)
	if err != nil {
		return err
	}
	env := append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, ChildVariable+"=") }), ChildVariable+"="+stageServe)
	switch err := restrictFiles(a); {
	case errors.Is(err, errNoLandlock):
		env = append(env, openVariable+"="+err.Error())
	case err != nil:
		return err
	}
	return nextStage(a, env)
}

// runChild opens the engine for the process that started it, and serves all that join
// until none is left.
func runChild(first *net.UnixConn) error {
	dir, library, err := arguments()
	if err != nil {
		return err
	}
	g, err := receive(first)
	if err != nil {
		return fmt.Errorf("no order from the process that started the engine: %w", err)
	}
	var open []string
	if why := os.Getenv(openVariable); why != "" {
		open = append(open, why)
	}
	if !g.without(wallSystem) {
		if err := restrictCalls(); err != nil {
			open = append(open, err.Error())
		}
	}
	e, err := openEngine(library, dir, !g.without(wallAccess), "default", g.Reader, g.Database)
	if err != nil {
		return err
	}
	version, err := e.version()
	if err != nil {
		return err
	}
	h := &host{engine: e, dir: dir, says: ready{Version: version, Pid: os.Getpid(), Open: open}, idle: make(chan struct{})}
	h.run(g)
	e.close()
	return nil
}

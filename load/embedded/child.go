package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// ChildVariable names the stage in the environment of the child process.
const ChildVariable = "CLAIMLAKE_EMBEDDED"

// readyFD is the descriptor on which the child says that it is ready, ordersFD the one on
// which its parent speaks, until it ends, and listenFD the listener.
const (
	readyFD  = 3
	ordersFD = 4
	listenFD = 5
)

// shutdownWait is how long running queries may take when the child ends, and closeWait how
// long the engine may take to close.
const (
	shutdownWait = 10 * time.Second
	closeWait    = 5 * time.Second
)

// order is what the parent tells the child: one line of JSON.
type order struct {
	Dir      string
	Library  string
	User     string
	Password string
	Reader   string   // the database that readers see; "" for a writable engine
	Unwalled []string // walls that a test takes away
	Record   bool     // ask before each statement
	Owner    int      // pid of the parent
}

func (o order) without(wall string) bool { return slices.Contains(o.Unwalled, wall) }

// ready is the child's answer: one line of JSON on descriptor 3.
type ready struct {
	Version string
	Open    []string // why parts of the confinement are missing
	Error   string
	InUse   bool
}

// Child runs the engine and never returns when this process is the child that
// Start made; in any other process it does nothing. main calls it first.
func Child() {
	var run func() error
	answer := func() *os.File { return os.NewFile(readyFD, "ready") }
	switch os.Getenv(ChildVariable) {
	default:
		return
	case stageConfine:
		run = confine
	case stageServe:
		run = func() error { return runChild(bufio.NewReader(os.NewFile(ordersFD, "orders")), answer()) }
	}
	if err := run(); err != nil {
		_ = json.NewEncoder(answer()).Encode(ready{Error: err.Error(), InUse: errors.Is(err, ErrInUse)})
		os.Exit(1)
	}
	os.Exit(0)
}

// confine is the first stage. Its arguments are the warehouse's folder and libchdb's file.
func confine() error {
	if len(os.Args) != 3 {
		return fmt.Errorf("the engine's process has %d arguments, want 2", len(os.Args)-1)
	}
	a, err := accessOf(os.Args[1], os.Args[2])
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

// runChild serves until orders ends.
func runChild(orders *bufio.Reader, answer *os.File) error {
	var o order
	line, err := orders.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("no order from the parent process: %w", err)
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return fmt.Errorf("order from the parent process: %w", err)
	}
	var open []string
	if why := os.Getenv(openVariable); why != "" {
		open = append(open, why)
	}
	if !o.without(wallSystem) {
		if err := restrictCalls(); err != nil {
			open = append(open, err.Error())
		}
	}
	answers, orphaned := listen(orders)
	go func() { // whatever the engine does then: it has the folder's lock
		<-orphaned
		time.Sleep(shutdownWait + closeWait)
		os.Exit(1)
	}()
	held, err := lock(o.Dir, o.Owner)
	if err != nil {
		return err
	}
	defer held.Close() //nolint:errcheck // the process ends and with it the lock
	rights := o.Reader
	if o.without(wallAccess) {
		rights = ""
	}
	e, err := openEngine(o.Library, o.Dir, rights)
	if err != nil {
		return err
	}
	defer e.close()
	return serve(answers, orphaned, answer, open, e, o)
}

// serve answers requests until the parent has ended.
func serve(answers chan statementAnswer, orphaned chan struct{}, answer *os.File, open []string, e *engine, o order) error {
	version, err := e.version()
	if err != nil {
		return err
	}
	l, err := net.FileListener(os.NewFile(listenFD, "listener"))
	if err != nil {
		return fmt.Errorf("listener from the parent process: %w", err)
	}
	handler := newHandler(e, version, o)
	if o.Record {
		handler.asker = &asker{out: json.NewEncoder(answer), answers: answers}
	}
	srv := &http.Server{
		Handler:           handler.mux(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	if err := json.NewEncoder(answer).Encode(ready{Version: version, Open: open}); err != nil {
		return err
	}
	if !o.Record {
		_ = answer.Close()
	}
	select {
	case err := <-failed:
		return err
	case <-orphaned:
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownWait)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		// A query that does not end: leave it to the operating system.
		// Tables are consistent at every moment.
		os.Exit(0) //nolint:gocritic // nothing is left to do
	}
	return nil
}

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
	"time"
)

// ChildVariable is set to "1" in the environment of the child process.
const ChildVariable = "CLAIMLAKE_EMBEDDED"

// readyFD is the descriptor on which the child says that it is ready, and ordersFD the one
// on which its parent speaks, until it ends.
const (
	readyFD  = 3
	ordersFD = 4
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
	Listen   string
	User     string
	Password string
	ReadOnly bool
	Record   bool // ask before each statement
	Owner    int  // pid of the parent
}

// ready is the child's answer: one line of JSON on descriptor 3.
type ready struct {
	Addr    string
	Version string
	Error   string
	InUse   bool
}

// Child runs the engine and never returns when this process is the child that
// Start made; in any other process it does nothing. main calls it first.
func Child() {
	if os.Getenv(ChildVariable) != "1" {
		return
	}
	answer := os.NewFile(readyFD, "ready")
	orders := bufio.NewReader(os.NewFile(ordersFD, "orders"))
	if err := runChild(orders, answer); err != nil {
		_ = json.NewEncoder(answer).Encode(ready{Error: err.Error(), InUse: errors.Is(err, ErrInUse)})
		os.Exit(1)
	}
	os.Exit(0)
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
	e, err := openEngine(o.Library, o.Dir)
	if err != nil {
		return err
	}
	defer e.close()
	return serve(answers, orphaned, answer, e, o)
}

// serve answers requests until the parent has ended.
func serve(answers chan statementAnswer, orphaned chan struct{}, answer *os.File, e *engine, o order) error {
	version, err := e.version()
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; is another claimlake or ClickHouse on this port?", o.Listen, err)
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
	if err := json.NewEncoder(answer).Encode(ready{Addr: l.Addr().String(), Version: version}); err != nil {
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

package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// host is the engine's process: it serves each process that has joined, until it hangs up,
// and ends when none is left.
type host struct {
	engine *engine
	dir    string
	says   ready // to who joins

	mu      sync.Mutex
	guests  int
	left    sync.WaitGroup  // guests
	working sync.WaitGroup  // guests who have gone, until their statements end
	kept    []*net.UnixConn // to processes that must not take this one for ended before it is
	ended   bool            // nobody may join
	idle    chan struct{}   // closed then
}

// guest is a process that has joined, with what it asks for.
type guest struct {
	order
	conn     *net.UnixConn
	lines    io.Reader // what it sends next
	listener net.Listener
}

// receive reads a process's order.
func receive(c *net.UnixConn) (*guest, error) {
	line, file, err := receiveFile(c)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the listener has its own
	g := &guest{conn: c}
	lines := json.NewDecoder(io.MultiReader(bytes.NewReader(line), c))
	if err := lines.Decode(&g.order); err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	if g.Protocol != protocol {
		return nil, errors.New("another version of claimlake has the warehouse open: wait for it, or stop it")
	}
	g.lines = io.MultiReader(lines.Buffered(), c)
	g.listener, err = net.FileListener(file)
	return g, err
}

// refuse tells a process why it is not served.
func refuse(c *net.UnixConn, err error) {
	_ = json.NewEncoder(c).Encode(ready{Error: err.Error()})
	_ = c.Close()
}

// run serves the first guest and those who join at the socket, until all have gone.
func (h *host) run(first *guest) {
	h.enter()
	go h.serve(first)
	socket, err := net.FileListener(os.NewFile(socketFD, "socket"))
	if err == nil {
		go h.accept(socket)
	}
	stop := make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGTERM) // takes the library's handler away
	signal.Notify(stop, syscall.SIGTERM)
	select {
	case <-h.idle:
	case <-stop: // who is here opens the next engine
		h.end()
	}
	// A statement that does not end is left to the operating system, as is whatever the
	// engine does: tables are consistent at every moment, and others want the folder.
	time.AfterFunc(movingWait+shutdownWait+closeWait, func() { os.Exit(0) })
	if socket != nil {
		_ = os.Remove(filepath.Join(h.dir, engineDir, socketFile))
		_ = socket.Close()
	}
	h.left.Wait()
	h.working.Wait()
}

// serve answers a guest's clients until it hangs up. Reading statements end then; others
// go on, so that none is done by half.
func (h *host) serve(g *guest) {
	answers, gone := listen(g.lines)
	handler, err := newHandler(h.engine, h.says.Version, g.order)
	if err != nil {
		_ = g.listener.Close()
		h.turnAway(g)
		h.leave()
		return
	}
	if g.Record {
		handler.asker = &asker{out: json.NewEncoder(g.conn), answers: answers}
	}
	srv := &http.Server{Handler: handler.mux(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	failed := make(chan struct{})
	go func() {
		_ = srv.Serve(g.listener)
		close(failed)
	}()
	if json.NewEncoder(g.conn).Encode(h.says) == nil {
		select {
		case <-gone:
		case <-failed:
		case <-h.idle:
			handler.moving.Store(true)
			time.Sleep(movingWait) // for clients that are about to use a connection again
		}
	}
	// Shutdown would not know of a connection that is being accepted.
	_ = g.listener.Close()
	<-failed
	h.see(g, handler, srv)
}

// turnAway refuses readers of a database that is not there. Where it was made since the
// engine started, all who are here open the next engine, which gives rights on it.
func (h *host) turnAway(g *guest) {
	if names, err := databases(h.dir); err != nil || !slices.Contains(names, g.Reader) {
		refuse(g.conn, fmt.Errorf("there is no database %s: check warehouse.database, or load it with `claimlake warehouse fill`", g.Reader))
		return
	}
	h.end()
	_ = g.conn.Close()
}

// see sees a guest off.
func (h *host) see(g *guest, handler *handler, srv *http.Server) {
	done := make(chan struct{})
	ctx, cancel := context.WithTimeout(context.Background(), shutdownWait)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		_ = srv.Close()
	}
	h.working.Go(func() {
		handler.end()
		close(done)
	})
	select {
	case <-done:
	case <-ctx.Done():
	}
	if h.leave() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.kept = append(h.kept, g.conn)
		return
	}
	_ = g.conn.Close()
}

// accept lets processes join.
func (h *host) accept(socket net.Listener) {
	for {
		c, err := socket.Accept()
		if err != nil {
			return
		}
		go func() {
			g, err := receive(c.(*net.UnixConn))
			switch {
			case err != nil:
				refuse(c.(*net.UnixConn), err)
			case !h.enter():
				_ = g.listener.Close()
				_ = c.Close() // it opens the next engine
			default:
				h.serve(g)
			}
		}()
	}
}

// enter counts a guest, and reports whether it may come in.
func (h *host) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended {
		h.guests++
		h.left.Add(1)
	}
	return !h.ended
}

// leave reports whether the guest was the last.
func (h *host) leave() (last bool) {
	defer h.left.Done()
	h.mu.Lock()
	h.guests--
	last = h.guests == 0
	h.mu.Unlock()
	if last {
		h.end()
	}
	return last
}

// end lets nobody join.
func (h *host) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended {
		h.ended = true
		close(h.idle)
	}
}

package pipeline

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// pipes is a network inside the process: whatever the host's name, the one server
// answers. In a synctest bubble, waiting takes no time on it.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	close(p.closed)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.accepted <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bulkServer is a Bulk Data server on pipes, and a client's way to it.
type bulkServer struct {
	*fhirtest.Server
	http *http.Client
}

// startBulkServer starts a server that the test's end stops. Call it in the bubble.
func startBulkServer(t *testing.T, o fhirtest.Options) bulkServer {
	t.Helper()
	s, err := fhirtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p := pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	web := &http.Server{Handler: s} //nolint:gosec // a test's
	go web.Serve(p)                 //nolint:errcheck // ends with Close
	h := &http.Client{Transport: &http.Transport{DialContext: p.dial}}
	t.Cleanup(func() {
		h.CloseIdleConnections()
		_ = web.Close()
		_ = s.Close()
	})
	return bulkServer{s, h}
}

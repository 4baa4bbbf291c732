package extract

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/claimlake/claimlake/internal/bubbletest"
)

const base = "http://fhir.example.org/r4"

// loopback is a network inside the process, for time that is not real.
type loopback struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l loopback) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l loopback) Close() error {
	close(l.done)
	return nil
}

func (l loopback) Addr() net.Addr { return &net.UnixAddr{} }

func (l loopback) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, errors.New("closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// testServer answers requests to any host, over real HTTP, in a bubble where
// waiting takes no time.
type testServer struct {
	http *http.Client
	srv  *http.Server
}

func serve(h http.Handler) *testServer {
	l := loopback{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &testServer{
		srv:  &http.Server{Handler: h}, //nolint:gosec // a test's
		http: &http.Client{Transport: &http.Transport{DialContext: l.dial, DialTLSContext: l.dial}},
	}
	go s.srv.Serve(l) //nolint:errcheck // ends with Close
	return s
}

func (s *testServer) Close() {
	s.http.CloseIdleConnections()
	_ = s.srv.Close()
}

// bubble runs a test against a handler with time that passes by itself.
func bubble(t *testing.T, h http.Handler, test func(t *testing.T, c *Client), change ...func(*Options)) {
	t.Helper()
	bubbletest.Run(t, func(t *testing.T) {
		s := serve(h)
		defer s.Close()
		o := Options{BaseURL: base, HTTP: s.http}
		for _, f := range change {
			f(&o)
		}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		test(t, c)
	})
}

// text writes an answer with a status.
func text(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// fileOf is a file at a URL that needs no token; count is -1 for none.
func fileOf(address string, count int64) File {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	f := File{ID: "output-000001", Kind: Output, Count: count, Size: -1, public: true}
	f.links = &links{page: u, now: map[key]entry{{Output, 0}: {kind: "Claim", url: u, count: -1, size: -1}}}
	return f
}

// collect reads a download's pages, whose numbers must follow each other.
func collect(t interface{ Errorf(string, ...any) }, d *Download, b *Buffers) ([]byte, error) {
	return collectPages(t, d, b, Start)
}

// collectFrom does the same from a mark on.
func collectFrom(t *testing.T, d *Download, at Position) ([]byte, error) {
	t.Helper()
	return collectPages(t, d, NewBuffers(1), at)
}

func collectPages(t interface{ Errorf(string, ...any) }, d *Download, b *Buffers, at Position) ([]byte, error) {
	var out []byte
	for p, err := range d.Pages(context.Background(), b) {
		if err != nil {
			return out, err
		}
		if (Position{p.First, p.Offset}) != at {
			t.Errorf("a page begins at %d, %d instead of %+v", p.First, p.Offset, at)
		}
		out, at = append(out, p.Data...), After(p)
		b.Put(p)
	}
	return out, nil
}

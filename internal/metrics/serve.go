package metrics

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve answers Prometheus at http://ADDRESS/metrics until stop is called. The address
// is a loopback one: the answer has no patient's data, but the names of sources.
func (m *Metrics) Serve(ctx context.Context, address string) (stop func(), err error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		_ = l.Close()
		return nil, fmt.Errorf("serve metrics: %s is not a loopback address such as 127.0.0.1:9464", address)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go s.Serve(l) //nolint:errcheck // ends with Close
	return func() { _ = s.Close() }, nil
}

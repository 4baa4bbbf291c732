package setup

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/transport"
)

// HTTPClient is what all requests of a source go through.
func HTTPClient(s config.Source) (*http.Client, error) {
	pins, err := s.TLS.Pins()
	if err != nil {
		return nil, fmt.Errorf("source.tls.pin_sha256: %w", err)
	}
	return transport.New(transport.Options{
		BaseURL: s.URL, CAFile: s.TLS.CAFile, CertFile: s.TLS.CertFile, KeyFile: s.TLS.KeyFile,
		Pins: pins, Hosts: s.Hosts(), AllowInsecureHTTP: s.TLS.AllowInsecureHTTP,
	})
}

// Agent is who asks a server, and who counts the requests.
type Agent struct {
	Log       *slog.Logger
	UserAgent string
	Metrics   *metrics.Metrics
}

// Client is a client of the configured server, with the configured limits.
func Client(c config.Config, h *http.Client, tokens extract.TokenSource, a Agent) (*extract.Client, error) {
	idle, err := c.Limits.Idle()
	if err != nil {
		return nil, fmt.Errorf("limits.idle_timeout: %w", err)
	}
	return extract.New(extract.Options{
		BaseURL: c.Source.URL, HTTP: h, Tokens: tokens, Logger: a.Log, UserAgent: a.UserAgent,
		TrustedHosts: c.Source.TrustedHosts, RequestsPerSecond: c.Limits.RequestsPerSecond, Downloads: c.Limits.Downloads,
		FileDownloads: c.Limits.FileDownloads, FileRetries: c.Limits.FileRetries, RunRetries: c.Limits.RunRetries, IdleTimeout: idle,
		Requested: func(doing string, failed extract.Class, took time.Duration) {
			a.Metrics.Requested(doing, string(failed), took)
		},
		Retried: func(doing string, failed extract.Class) { a.Metrics.Retried(doing, string(failed)) },
	})
}

// ClientTo makes a client of another server than the FHIR server: a webhook's, a KMS's or a
// collector's. The error does not quote the URL, which may hold a secret.
func ClientTo(base, caFile string) (*http.Client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("invalid URL")
	}
	return transport.New(transport.Options{BaseURL: base, CAFile: caFile, Hosts: []string{u.Hostname()}})
}

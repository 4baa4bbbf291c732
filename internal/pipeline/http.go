package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/transport"
)

// Agent is on whose behalf a server is asked, and who is told of it.
type Agent struct {
	Observer  Observer
	Log       *slog.Logger
	UserAgent string
	Audit     *audit.Trail // nil: nothing is recorded
	Metrics   *metrics.Metrics
}

// httpClient is what all requests of a source go through.
func httpClient(s config.Source) (*http.Client, error) {
	pins, err := s.TLS.Pins()
	if err != nil {
		return nil, fmt.Errorf("source.tls.pin_sha256: %w", err)
	}
	return transport.New(transport.Options{
		BaseURL: s.URL, CAFile: s.TLS.CAFile, CertFile: s.TLS.CertFile, KeyFile: s.TLS.KeyFile,
		Pins: pins, Hosts: s.Hosts(), AllowInsecureHTTP: s.TLS.AllowInsecureHTTP,
	})
}

// remoteClient is a client of the configured server, with tokens for the types that
// are asked for. It asks nothing yet.
func remoteClient(c config.Config, types []string, a Agent) (*extract.Client, error) {
	h, err := httpClient(c.Source)
	if err != nil {
		return nil, err
	}
	tokens, err := tokenSource(c.Source, types, len(c.Export.Types) == 0, h, a.Log, a.UserAgent)
	if err != nil {
		return nil, err
	}
	if tokens != nil && a.Audit != nil {
		tokens = &auditedTokens{TokenSource: tokens, trail: a.Audit, source: c.Source.Name}
	}
	return newClient(c, h, tokens, a)
}

// Unreadable asks the configured server for a token, and gives those of types of which
// it does not let all be read.
func Unreadable(ctx context.Context, c config.Config, types []string, a Agent) ([]string, error) {
	client, err := remoteClient(c, types, a)
	if err != nil {
		return nil, err
	}
	return client.Unreadable(ctx, types)
}

// RuledOut asks the configured server what it declares, without a token, and gives the
// types of an export for which it is known to fail, and those that it does not declare.
func RuledOut(ctx context.Context, c config.Config, export extract.Export, a Agent) (failing, undeclared []string, err error) {
	h, err := httpClient(c.Source)
	if err != nil {
		return nil, nil, err
	}
	h.Timeout = checkTimeout
	client, err := extract.New(extract.Options{BaseURL: c.Source.URL, HTTP: h, UserAgent: a.UserAgent, FileRetries: 1, RunRetries: 1})
	if err != nil {
		return nil, nil, err
	}
	declared, err := client.Capabilities(ctx)
	return declared.RulesOut(export), declared.Undeclared(export), err
}

// newClient is a client of the configured server, with the configured limits.
func newClient(c config.Config, h *http.Client, tokens extract.TokenSource, a Agent) (*extract.Client, error) {
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

// clientOf is a way to one server beside the FHIR server: a webhook's, a KMS's or a
// collector's. The error does not quote the URL, which may hold a secret.
func clientOf(base, caFile string) (*http.Client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("its URL is not one")
	}
	return transport.New(transport.Options{BaseURL: base, CAFile: caFile, Hosts: []string{u.Hostname()}})
}

// Package sourcecheck looks whether a sync from the configured server can work, without
// starting an export.
package sourcecheck

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/setup"
)

// Grade says how good a finding is.
type Grade string

// The grades of findings.
const (
	OK   Grade = "ok"
	Warn Grade = "warn" // a sync may work
	Fail Grade = "fail" // a sync cannot work
)

// Finding is one thing that was looked at. It holds no secret.
type Finding struct {
	Grade Grade
	What  string // such as "certificate"
	Text  string
	Said  []string // why, in the server's words: for the terminal only
}

// checkTimeout bounds each request of a check.
const checkTimeout = 30 * time.Second

// Run asks the configured server everything that comes before an export,
// and starts none. export is what a sync would ask for. The error says what is wrong
// with the configuration.
func Run(ctx context.Context, c config.Config, export extract.Export, log *slog.Logger, userAgent string) ([]Finding, error) {
	h, err := setup.HTTPClient(c.Source)
	if err != nil {
		return nil, err
	}
	h.Timeout = checkTimeout
	tokens, err := setup.Tokens(c.Source, export.Types, export.Narrow, h, log, userAgent)
	if err != nil {
		return nil, err
	}
	s := check{source: c.Source, asked: export, http: h, tokens: tokens, userAgent: userAgent}
	if s.connection(ctx) {
		if c.Export.Mode != "publish" {
			s.capabilities(ctx)
		}
		s.discovery(ctx)
		s.token(ctx)
		if c.Export.Mode == "publish" {
			s.publication(ctx)
		}
	}
	return s.findings, nil
}

// check collects findings.
type check struct {
	source    config.Source
	asked     extract.Export
	http      *http.Client
	tokens    extract.TokenSource // nil: none is needed
	userAgent string
	findings  []Finding
}

// fail adds what failed, with what the server said of it. It may be told what else to
// say.
func (s *check) fail(what string, err error, more string) {
	s.findings = append(s.findings, Finding{Grade: Fail, What: what, Text: err.Error() + more, Said: redact.SaidIn(err)})
}

func (s *check) add(g Grade, what, format string, args ...any) {
	s.findings = append(s.findings, Finding{Grade: g, What: what, Text: fmt.Sprintf(format, args...)})
}

// RuledOut asks the configured server what it declares, without a token, and gives the
// types of an export for which it is known to fail, and those that it does not declare.
func RuledOut(ctx context.Context, c config.Config, export extract.Export, userAgent string) (failing, undeclared []string, err error) {
	h, err := setup.HTTPClient(c.Source)
	if err != nil {
		return nil, nil, err
	}
	h.Timeout = checkTimeout
	client, err := extract.New(extract.Options{BaseURL: c.Source.URL, HTTP: h, UserAgent: userAgent, FileRetries: 1, RunRetries: 1})
	if err != nil {
		return nil, nil, err
	}
	declared, err := client.Capabilities(ctx)
	return declared.RulesOut(export), declared.Undeclared(export), err
}

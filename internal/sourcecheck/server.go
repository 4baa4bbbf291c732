package sourcecheck

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/smart"
)

// capabilities looks at what the server declares of itself (FHIR, "Capabilities").
// Not all servers that export say so, which is no failure.
func (s *check) capabilities(ctx context.Context) {
	client, err := extract.New(extract.Options{BaseURL: s.source.URL, HTTP: s.http, UserAgent: s.userAgent, FileRetries: 1, RunRetries: 1})
	if err != nil {
		s.add(Fail, "capabilities", "%v", err)
		return
	}
	got, err := client.Capabilities(ctx)
	failure, ok := errors.AsType[*extract.Error](err)
	switch {
	case ok && failure.Class == extract.Auth:
		s.add(Warn, "capabilities", "shown to clients with a token only (%d)", failure.Status)
	case err != nil:
		s.fail("capabilities", err, ": is source.url the FHIR base URL?")
	default:
		s.add(OK, "fhir", "version %s, software %s", cmp.Or(got.FHIRVersion, "not declared"), cmp.Or(got.Software, "not declared"))
		s.export(got)
		s.types(got)
	}
}

// types looks whether the server exports what a sync asks for.
func (s *check) types(c extract.Capabilities) {
	failing, undeclared := c.RulesOut(s.asked), c.Undeclared(s.asked)
	switch {
	case c.Types == nil:
		s.add(OK, "types", "the server does not declare which it has; asked for: %s", list(s.asked.Types))
	case len(undeclared) == 0:
		s.add(OK, "types", "all that are asked for are declared: %s", list(s.asked.Types))
	case s.asked.Narrow:
		s.add(Warn, "types", "not declared, and left out if the server refuses them: %s", list(undeclared))
	default:
		s.add(Warn, "types", "not declared: %s; if the server refuses the export, leave them out of export.types", list(undeclared))
	}
	switch {
	case len(failing) == 0:
	case s.asked.Narrow:
		s.add(Warn, "types", "left out, since the server is known to fail for them at this level: %s", list(failing))
	default:
		s.add(Warn, "types", "the server is known to fail for these at this level: %s; leave them out of export.types", list(failing))
	}
}

func (s *check) export(c extract.Capabilities) {
	switch {
	case !c.Exports:
		s.add(Warn, "export", "no export operation is declared: ask the server's operator whether there is one, or search instead (export.mode: search)")
	case c.BulkData == "":
		s.add(OK, "export", "declared, without a version of Bulk Data; taken for STU3")
	default:
		s.add(OK, "export", "declared, Bulk Data %s (STU%s)", c.BulkData, c.BulkData[:1])
	}
}

// publication reads what the server publishes (Bulk Data STU4, "Publish").
func (s *check) publication(ctx context.Context) {
	client, err := extract.New(extract.Options{BaseURL: s.source.URL, HTTP: s.http, Tokens: s.tokens, TrustedHosts: s.source.TrustedHosts, UserAgent: s.userAgent, FileRetries: 1, RunRetries: 1})
	if err != nil {
		s.add(Fail, "published", "%v", err)
		return
	}
	got, err := client.Published(ctx, extract.PublishedPage{})
	if err != nil {
		s.fail("published", err, "")
		return
	}
	s.add(OK, "published", "%d files and %d of deletions, as of %s UTC", len(got.Output), len(got.Deleted), got.End.TransactionTime.Format(time.DateTime))
}

// discovery looks for the token endpoint (SMART App Launch, "Conformance").
func (s *check) discovery(ctx context.Context) {
	found, err := smart.Discover(ctx, s.http, strings.TrimRight(s.source.URL, "/"), s.userAgent)
	auth := s.source.Auth
	needed := (auth.Type == "smart" || auth.Type == "basic") && auth.TokenURL == ""
	switch {
	case err != nil && needed:
		s.fail("smart", err, "")
	case err != nil:
		s.add(OK, "smart", "no token endpoint is told, and none has to be")
	case auth.Type == "none":
		s.add(Warn, "smart", "the server has a token endpoint, and source.auth.type is none")
	default:
		s.add(OK, "smart", "token endpoint found; methods %s; %s", list(found.AuthMethods), list(found.Capabilities))
	}
}

// token asks for a token, and says what it is good for but not the token.
func (s *check) token(ctx context.Context) {
	if s.tokens == nil {
		s.add(OK, "token", "none is sent")
		return
	}
	t, err := s.tokens.Token(ctx)
	switch {
	case err != nil:
		s.fail("token", err, "")
	case s.source.Auth.Type == "bearer":
		s.add(OK, "token", "the configured one; whether the server takes it shows when an export is started")
	case len(t.Missing) > 0:
		s.add(Warn, "token", "obtained, but not granted: %s; granted: %s", list(t.Missing), list(t.Granted))
	case len(t.Beyond) > 0:
		s.add(Warn, "token", "obtained, but also granted, without being asked for: %s; ask the server's operator to take that from the client", list(t.Beyond))
	case t.Granted == nil:
		s.add(OK, "token", "obtained, %s", life(t))
	default:
		s.add(OK, "token", "obtained, %s; granted: %s", life(t), list(t.Granted))
	}
}

func life(t smart.Token) string {
	return "good for " + time.Until(t.Expires).Round(time.Second).String()
}

// list is words of a server as one line without control characters.
func list(words []string) string {
	if len(words) == 0 {
		return "not told"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, strings.Join(words, " "))
}

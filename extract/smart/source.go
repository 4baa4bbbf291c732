package smart

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options says whose token to get, and where.
type Options struct {
	BaseURL    string       // the FHIR base URL
	HTTP       *http.Client // its redirects are not followed with credentials
	ClientID   string
	Credential Credential
	TokenURL   string   // "" to discover it
	Scopes     []string // nil to derive them from Types
	Types      []string // resource types to read; nil for all
	Narrow     bool     // leave out those of Types whose scopes the server refuses by name
	UserAgent  string
	Logger     *slog.Logger
}

// Source gets and shares the tokens of one client at one server. It may be used
// concurrently: while one request asks for a token the others wait for it.
type Source struct {
	o     Options
	base  *url.URL
	turn  chan struct{} // held by who reads or changes what follows
	where *Configuration
	token Token
}

// New makes a Source. It asks nothing yet.
func New(o Options) (*Source, error) {
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	switch {
	case err != nil || base.Host == "":
		return nil, errors.New("access tokens: the FHIR base URL is not absolute")
	case o.ClientID == "" || o.Credential == nil:
		return nil, errors.New("access tokens: a client id and a key or secret are needed")
	}
	o.BaseURL = base.String()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	return &Source{o: o, base: base, turn: make(chan struct{}, 1)}, nil
}

// Token gives a token with at least a fifth of its life left, the shared one
// where it can. Where the server has no new one it gives the old until that
// ends. The error is an *Error or the context's.
func (s *Source) Token(ctx context.Context) (Token, error) {
	done, err := s.wait(ctx)
	if err != nil {
		return Token{}, err
	}
	defer done()
	if time.Now().Before(s.token.refresh) {
		return s.token, nil
	}
	fresh, err := s.request(ctx)
	if err != nil && time.Now().Before(s.token.Expires) && ctx.Err() == nil {
		s.o.Logger.WarnContext(ctx, "no new access token; the old one is used until it ends", "error", err)
		s.token.refresh = time.Now().Add(10 * time.Second)
		return s.token, nil
	}
	if err != nil {
		return Token{}, err
	}
	s.token = fresh
	return fresh, nil
}

// Renew gives a token in place of one that a server refused. Of many requests
// whose token was refused one asks, and the others get the same new token.
func (s *Source) Renew(ctx context.Context, refused Token) (Token, error) {
	done, err := s.wait(ctx)
	if err != nil {
		return Token{}, err
	}
	defer done()
	if !s.token.same(refused) && time.Now().Before(s.token.refresh) {
		return s.token, nil
	}
	s.token = Token{}
	fresh, err := s.request(ctx)
	if err != nil {
		return Token{}, err
	}
	s.token = fresh
	return fresh, nil
}

// wait waits for the caller's turn. Unlike a mutex it ends with the context.
func (s *Source) wait(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

package smart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// request asks for a new token, once.
func (s *Source) request(ctx context.Context) (Token, error) {
	if err := s.locate(ctx); err != nil {
		return Token{}, err
	}
	asked := s.scopes()
	req, err := s.tokenRequest(ctx, asked)
	if err != nil {
		return Token{}, &Error{Err: err}
	}
	res, err := withoutRedirects(s.o.HTTP).Do(req)
	if err != nil {
		return Token{}, &Error{Err: fmt.Errorf("%s: %w", redact.URL(req.URL), redact.Cause(err)), Unreachable: true}
	}
	defer res.Body.Close() //nolint:errcheck // read only
	return s.read(ctx, res, asked)
}

// locate finds the token endpoint, once, and how the server writes scopes.
func (s *Source) locate(ctx context.Context) error {
	if s.where != nil {
		return nil
	}
	var c Configuration
	if s.o.TokenURL == "" || s.o.Scopes == nil {
		var err error
		if c, err = Discover(ctx, s.o.HTTP, s.o.BaseURL, s.o.UserAgent); err != nil && s.o.TokenURL == "" {
			return err
		}
	}
	if s.o.TokenURL != "" {
		c.TokenEndpoint = s.o.TokenURL
	}
	if err := c.check(s.base, s.o.Credential, s.o.TokenURL != ""); err != nil {
		return err
	}
	s.where = &c
	return nil
}

// scopes are those to ask for. A server that knows client secrets and says
// nothing of SMART does not know SMART's scopes either.
func (s *Source) scopes() []string {
	_, secret := s.o.Credential.(ClientSecret)
	if s.o.Scopes != nil || secret && len(s.where.Capabilities) == 0 {
		return s.o.Scopes
	}
	return Scopes(s.o.Types, s.where.v2())
}

func (s *Source) tokenRequest(ctx context.Context, scopes []string) (*http.Request, error) {
	form, header := url.Values{"grant_type": {"client_credentials"}}, http.Header{}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	if err := s.o.Credential.sign(form, header, s.o.ClientID, s.where.TokenEndpoint); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.where.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errors.New("the token endpoint is not a URL")
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	header.Set("Accept", "application/json")
	if s.o.UserAgent != "" {
		header.Set("User-Agent", s.o.UserAgent)
	}
	req.Header = header
	return req, nil
}

// withoutRedirects is h, but a redirect is its answer: the assertion or secret
// goes to the token endpoint and nowhere else.
func withoutRedirects(h *http.Client) *http.Client {
	c := *h
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// read makes a token of the endpoint's answer.
func (s *Source) read(ctx context.Context, res *http.Response, asked []string) (Token, error) {
	var a answer
	err := json.NewDecoder(io.LimitReader(res.Body, maxBodyBytes)).Decode(&a)
	switch {
	case res.StatusCode/100 != 2:
		return Token{}, refusal(res, a.Error)
	case err != nil || a.AccessToken == "":
		return Token{}, &Error{Status: res.StatusCode, Err: errors.New("the answer holds no access token: is the token URL right?")}
	case a.TokenType != "" && !strings.EqualFold(a.TokenType, "bearer"):
		return Token{}, &Error{Status: res.StatusCode, Err: errors.New("the token is not a bearer token, and no other kind is supported")}
	}
	t := newToken(redact.New(a.AccessToken), time.Duration(a.ExpiresIn), time.Now())
	t.Granted = granted(a.Scope)
	if t.Missing = notGranted(asked, a.Scope); len(t.Missing) > 0 {
		s.o.Logger.WarnContext(ctx, "the server grants less than was asked: resources will be missing", "scopes", t.Missing)
	}
	if t.Beyond = notAsked(asked, t.Granted); len(t.Beyond) > 0 {
		s.o.Logger.WarnContext(ctx, "the server grants more than was asked: ask its operator to take that from the client", "scopes", t.Beyond)
	}
	return t, nil
}

package smart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// request asks for a new token. A server may refuse a scope for a type that it does not
// have: where nobody named the types, it is asked without them.
func (s *Source) request(ctx context.Context) (Token, error) {
	for {
		t, err := s.requestOnce(ctx)
		e, ok := errors.AsType[*Error](err)
		if !ok || !s.o.Narrow || s.o.Scopes != nil || e.Code != "invalid_scope" {
			return t, err
		}
		named := typeName.FindAllString(e.Said.Reveal(), -1)
		rest := slices.DeleteFunc(slices.Clone(s.o.Types), func(t string) bool { return slices.Contains(named, t) })
		if len(rest) == 0 || len(rest) == len(s.o.Types) {
			return t, err
		}
		s.o.Logger.WarnContext(ctx, "the server refuses scopes: the token is asked for without them", "refused", len(s.o.Types)-len(rest))
		s.o.Types = rest
	}
}

var typeName = regexp.MustCompile(`[A-Z][A-Za-z]+`)

func (s *Source) requestOnce(ctx context.Context) (Token, error) {
	if err := s.locate(ctx); err != nil {
		return Token{}, err
	}
	asked := s.scopes()
	req, sent, err := s.tokenRequest(ctx, asked)
	if err != nil {
		return Token{}, &Error{Err: err}
	}
	res, err := withoutRedirects(s.o.HTTP).Do(req)
	if err != nil {
		return Token{}, &Error{Err: fmt.Errorf("%s: %w", redact.URL(req.URL), redact.Cause(err)), Unreachable: true}
	}
	defer res.Body.Close() //nolint:errcheck // read only
	return s.read(ctx, res, asked, sent)
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

// tokenRequest makes a request for a token, and tells what in it must not be shown.
func (s *Source) tokenRequest(ctx context.Context, scopes []string) (req *http.Request, sent []string, err error) {
	form, header := url.Values{"grant_type": {"client_credentials"}}, http.Header{}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	if err := s.o.Credential.sign(form, header, s.o.ClientID, s.where.TokenEndpoint); err != nil {
		return nil, nil, err
	}
	req, err = http.NewRequestWithContext(ctx, http.MethodPost, s.where.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, errors.New("the token endpoint is not a URL")
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	header.Set("Accept", "application/json")
	if s.o.UserAgent != "" {
		header.Set("User-Agent", s.o.UserAgent)
	}
	req.Header = header
	sent = []string{s.o.ClientID, form.Get("client_assertion")}
	if secret, ok := s.o.Credential.(ClientSecret); ok {
		_, basic, _ := strings.Cut(header.Get("Authorization"), " ")
		sent = append(sent, secret.Reveal(), basic)
	}
	return req, sent, nil
}

// withoutRedirects is h, but a redirect is its answer: the assertion or secret
// goes to the token endpoint and nowhere else.
func withoutRedirects(h *http.Client) *http.Client {
	c := *h
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// read makes a token of the endpoint's answer.
func (s *Source) read(ctx context.Context, res *http.Response, asked, sent []string) (Token, error) {
	var a answer
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBodyBytes))
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	switch {
	case res.StatusCode/100 != 2:
		e := refusal(res, a.Error)
		e.Said = redact.Said(res.Header.Get("Content-Type"), body, sent...)
		return Token{}, e
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

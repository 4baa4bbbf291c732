package fhirtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// assertionLife is how far ahead an assertion's exp may be (SMART "Backend Services").
const assertionLife = 5 * time.Minute

func signingMethods() []string { return []string{"RS384", "ES384"} }

// assertionID is what must not come twice.
type assertionID struct{ issuer, jti string }

// claims are an assertion's. Unlike JWT, SMART has aud a string and nothing else: servers
// fail on a list of one.
type claims struct {
	jwt.RegisteredClaims
	Aud string `json:"aud"`
}

// GetAudience implements jwt.Claims.
func (c claims) GetAudience() (jwt.ClaimStrings, error) { return jwt.ClaimStrings{c.Aud}, nil }

// verify returns the client that signed the assertion. An error is an *oauthError.
func (s *Server) verify(x *exchange, assertion string) (Client, error) {
	var claims claims
	var client Client
	parser := jwt.NewParser(
		jwt.WithValidMethods(signingMethods()), jwt.WithTimeFunc(s.clock),
		jwt.WithAudience(x.base()+"/token"), jwt.WithExpirationRequired())
	_, err := parser.ParseWithClaims(assertion, &claims, func(t *jwt.Token) (any, error) {
		x.record.JTI = claims.ID
		if t.Header["typ"] != "JWT" {
			return nil, errors.New("typ must be JWT")
		}
		var known bool
		if client, known = s.client(claims.Issuer); !known || claims.Subject != claims.Issuer {
			return nil, errors.New("iss and sub must both be the id of a registered client")
		}
		return client.key(x.Request, t.Header)
	})
	if err != nil {
		return Client{}, badClient("the assertion is not valid: " + err.Error())
	}
	if err := s.spend(claims.RegisteredClaims); err != nil {
		return Client{}, badClient(err.Error())
	}
	return client, nil
}

// spend makes sure that an assertion is short-lived and comes only once.
func (s *Server) spend(claims jwt.RegisteredClaims) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if claims.ExpiresAt.After(now.Add(assertionLife)) {
		return errors.New("exp is more than five minutes ahead")
	}
	if claims.ID == "" {
		return errors.New("the assertion has no jti")
	}
	id := assertionID{claims.Issuer, claims.ID}
	if until, used := s.jtis[id]; used && now.Before(until) {
		return errors.New("the jti was used before")
	}
	s.jtis[id] = claims.ExpiresAt.Time
	return nil
}

// key returns the public key that the header names.
func (c Client) key(r *http.Request, header map[string]any) (any, error) {
	if jku, ok := header["jku"]; ok && jku != c.JWKSURL {
		return nil, errors.New("jku is not the registered JWKS URL")
	}
	kid, _ := header["kid"].(string)
	if kid == "" {
		return nil, errors.New("the header has no kid")
	}
	set, err := c.keySet(r)
	if err != nil {
		return nil, err
	}
	keys := set.Key(kid)
	if len(keys) != 1 {
		return nil, fmt.Errorf("the client's key set has %d keys with this kid", len(keys))
	}
	return keys[0].Public().Key, nil
}

func (c Client) keySet(r *http.Request) (set jose.JSONWebKeySet, err error) {
	raw := c.JWKS
	if c.JWKSURL != "" {
		if raw, err = fetchKeys(r, c.JWKSURL); err != nil {
			return set, fmt.Errorf("fetch the client's keys: %w", err)
		}
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return set, errors.New("the client's key set is not a JWKS")
	}
	return set, nil
}

func fetchKeys(r *http.Request, jwks string) ([]byte, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, jwks, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return nil, failed.Err // without the URL, whose query may be secret
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}

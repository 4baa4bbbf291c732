package fhirtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// keys are a client's, made once: an RSA key takes long.
var keys = sync.OnceValue(func() map[string]crypto.Signer {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return map[string]crypto.Signer{"rs": r, "es": e}
})

func jwks(t testing.TB) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for kid, key := range keys() {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Use: "sig"})
	}
	raw, err := json.Marshal(set)
	must(t, err)
	return raw
}

// claim is an assertion that a case may spoil.
type claim struct {
	jwt.RegisteredClaims
	listed bool // aud is a list
	method jwt.SigningMethod
	header map[string]any
	key    crypto.PrivateKey
	scope  string
}

// MarshalJSON implements json.Marshaler.
func (c *claim) MarshalJSON() ([]byte, error) {
	if c.listed {
		return json.Marshal(c.RegisteredClaims)
	}
	return json.Marshal(struct {
		jwt.RegisteredClaims
		Aud string `json:"aud"`
	}{c.RegisteredClaims, c.Audience[0]})
}

func (s *site) claim() *claim {
	now := s.clock()
	return &claim{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: "lake", Subject: "lake", Audience: jwt.ClaimStrings{s.url + "/token"},
			ExpiresAt: jwt.NewNumericDate(now.Add(4 * time.Minute)), ID: rand.Text(),
		},
		method: jwt.SigningMethodES384, header: map[string]any{"kid": "es"}, key: keys()["es"], scope: "system/*.read",
	}
}

func (s *site) ask(c *claim) answer {
	s.t.Helper()
	token := jwt.NewWithClaims(c.method, c)
	for name, value := range c.header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(c.key)
	must(s.t, err)
	return s.post(url.Values{
		"grant_type": {"client_credentials"}, "scope": {c.scope}, "client_assertion": {signed},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
}

func (s *site) post(form url.Values, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, "/token", form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

// grantedToken is the token endpoint's answer.
type grantedToken struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   any    `json:"expires_in"`
	Scope       string
	Error       string
}

func (a answer) token(t testing.TB) grantedToken {
	t.Helper()
	var g grantedToken
	must(t, json.Unmarshal([]byte(a.body), &g))
	return g
}

// authorized returns the header with a new token.
func (s *site) authorized(scope string) []string {
	s.t.Helper()
	c := s.claim()
	c.scope = scope
	return []string{"Authorization", "Bearer " + s.ask(c).expect(s.t, http.StatusOK).token(s.t).AccessToken}
}

func guardedServer(t testing.TB, o Options, scopes ...string) *site {
	o.Clients = []Client{
		{ID: "lake", JWKS: jwks(t), Scopes: scopes},
		{ID: "basic", Secret: "open sesame", Scopes: scopes},
	}
	return serve(t, o)
}

func TestTokenAssertion(t *testing.T) {
	s := guardedServer(t, Options{})
	for name, tc := range map[string]struct {
		spoil func(*claim)
		want  string // error of RFC 6749
	}{
		"ES384":                         {func(*claim) {}, ""},
		"RS384":                         {func(c *claim) { c.method, c.key, c.header["kid"] = jwt.SigningMethodRS384, keys()["rs"], "rs" }, ""},
		"exp five minutes ahead":        {func(c *claim) { c.ExpiresAt.Time = c.ExpiresAt.Add(time.Minute - time.Second) }, ""},
		"RS256":                         {func(c *claim) { c.method, c.key, c.header["kid"] = jwt.SigningMethodRS256, keys()["rs"], "rs" }, "invalid_client"},
		"another key's kid":             {func(c *claim) { c.header["kid"] = "rs" }, "invalid_client"},
		"unknown kid":                   {func(c *claim) { c.header["kid"] = "new" }, "invalid_client"},
		"no kid":                        {func(c *claim) { delete(c.header, "kid") }, "invalid_client"},
		"a jku that is not registered":  {func(c *claim) { c.header["jku"] = "https://evil.example/jwks" }, "invalid_client"},
		"iss of another client":         {func(c *claim) { c.Issuer = "basic" }, "invalid_client"},
		"unknown client":                {func(c *claim) { c.Issuer, c.Subject = "x", "x" }, "invalid_client"},
		"sub is not iss":                {func(c *claim) { c.Subject = "x" }, "invalid_client"},
		"aud of another server":         {func(c *claim) { c.Audience = jwt.ClaimStrings{"https://other.example/token"} }, "invalid_client"},
		"aud as a list":                 {func(c *claim) { c.listed = true }, "invalid_client"},
		"another typ":                   {func(c *claim) { c.header["typ"] = "at+jwt" }, "invalid_client"},
		"exp in the past":               {func(c *claim) { c.ExpiresAt.Time = c.ExpiresAt.Add(-5 * time.Minute) }, "invalid_client"},
		"exp more than 5 minutes ahead": {func(c *claim) { c.ExpiresAt.Time = c.ExpiresAt.Add(2 * time.Minute) }, "invalid_client"},
		"no exp":                        {func(c *claim) { c.ExpiresAt = nil }, "invalid_client"},
		"no jti":                        {func(c *claim) { c.ID = "" }, "invalid_client"},
		"no scope":                      {func(c *claim) { c.scope = "" }, "invalid_scope"},
		"a user's scope":                {func(c *claim) { c.scope = "user/*.read" }, "invalid_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			c := s.claim()
			tc.spoil(c)
			a := s.ask(c)
			if got := a.token(t); got.Error != tc.want || (got.AccessToken == "") != (tc.want != "") {
				t.Errorf("status %d, error %q, want %q: %s", a.StatusCode, got.Error, tc.want, a.body)
			}
			if a.Header.Get("Cache-Control") != "no-store" {
				t.Error("the answer may be cached")
			}
		})
	}
}

func TestTokenAssertionOnlyOnce(t *testing.T) {
	s := guardedServer(t, Options{})
	c := s.claim()
	s.ask(c).expect(t, http.StatusOK)
	if got := s.ask(c).expect(t, http.StatusUnauthorized).token(t); got.Error != "invalid_client" {
		t.Errorf("error %q", got.Error)
	}
	if log := s.Requests(); log[0].JTI != c.ID || log[0].Kind != Token {
		t.Errorf("the log has %+v", log[0])
	}
}

func TestTokenRequest(t *testing.T) {
	s := guardedServer(t, Options{})
	for name, tc := range map[string]struct {
		form url.Values
		want string
	}{
		"another grant": {url.Values{"grant_type": {"password"}}, "unsupported_grant_type"},
		"no assertion":  {url.Values{"grant_type": {"client_credentials"}}, "invalid_request"},
		"an assertion that is no JWT": {url.Values{
			"grant_type": {"client_credentials"}, "client_assertion": {"x"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			if got := s.post(tc.form).token(t); got.Error != tc.want {
				t.Errorf("error %q, want %q", got.Error, tc.want)
			}
		})
	}
	s.t = t
	s.get("/token").expect(t, http.StatusMethodNotAllowed)
}

func TestTokenByBasic(t *testing.T) {
	s := guardedServer(t, Options{}, "system/Patient.rs")
	basic := func(id, secret string) []string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", nil)
		r.SetBasicAuth(id, secret)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	got := s.post(form, basic("basic", "open sesame")...).expect(t, http.StatusOK).token(t)
	if got.Scope != "system/Patient.rs" || got.ExpiresIn != "300" {
		t.Errorf("got %+v", got)
	}
	for _, wrong := range [][]string{basic("basic", "x"), basic("lake", ""), basic("x", "open sesame")} {
		if got := s.post(form, wrong...).expect(t, http.StatusUnauthorized).token(t); got.Error != "invalid_client" {
			t.Errorf("error %q", got.Error)
		}
	}
}

func TestTokenKeysByURL(t *testing.T) {
	published := jwks(t)
	status := http.StatusOK
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(published)
	}))
	defer host.Close()
	s := serve(t, Options{Clients: []Client{{ID: "lake", JWKSURL: host.URL + "/keys?secret=1"}}})
	c := s.claim()
	c.header["jku"] = host.URL + "/keys?secret=1"
	s.ask(c).expect(t, http.StatusOK)
	status = http.StatusInternalServerError
	s.ask(s.claim()).expect(t, http.StatusUnauthorized)
	host.Close()
	if a := s.ask(s.claim()).expect(t, http.StatusUnauthorized); strings.Contains(a.body, "secret") {
		t.Errorf("the error tells the URL's query: %s", a.body)
	}
}

func TestTokenGuards(t *testing.T) {
	s := guardedServer(t, Options{})
	now := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	s.SetNow(func() time.Time { return now })
	good := s.authorized("system/*.read")
	for _, path := range []string{"/$export", "/Patient/$export", "/Group/all/$export", "/export-status/x", "/export-status/x/2", "/files/x/0/y", "/Patient"} {
		for _, header := range [][]string{nil, {"Authorization", "Bearer x"}, {"Authorization", "Basic eDp5"}} {
			a := s.get(path, header...).expect(t, http.StatusUnauthorized)
			if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: no challenge", path)
			}
		}
	}
	s.get("/Patient", good...).expect(t, http.StatusOK)
	now = now.Add(tokenLife)
	s.get("/Patient", good...).expect(t, http.StatusUnauthorized)
	good = s.authorized("system/*.read")
	s.Restart(false)
	s.get("/Patient", good...).expect(t, http.StatusUnauthorized)
}

func TestTokenScopesNarrowExports(t *testing.T) {
	s := guardedServer(t, Options{}, "system/Patient.rs", "system/Organization.rs")
	m := s.export("/$export", url.Values{"_type": {"Patient,ExplanationOfBenefit"}}, s.authorized("system/*.rs")...)
	if got := s.ids(m.Output, s.authorized("system/Patient.rs")...); got != words(ada, bob) {
		t.Errorf("got %s", got)
	}
	m = s.export("/$export", nil, s.authorized("system/Organization.read system/Claim.read")...)
	if got := s.ids(m.Output, s.authorized("system/*.rs")...); got != org {
		t.Errorf("got %s", got)
	}
	s.get("/Patient", s.authorized("system/Organization.rs")...).expect(t, http.StatusForbidden)
}

func TestExportsAreTheirClients(t *testing.T) {
	s := serve(t, Options{Clients: []Client{{ID: "lake", JWKS: jwks(t)}, {ID: "other", JWKS: jwks(t)}}})
	at := s.start("/$export", nil, s.authorized("system/*.rs")...)
	c := s.claim()
	c.Issuer, c.Subject = "other", "other"
	other := []string{"Authorization", "Bearer " + s.ask(c).token(t).AccessToken}
	s.get(at, other...).expect(t, http.StatusNotFound)
	s.do(http.MethodDelete, at, "", other...).expect(t, http.StatusNotFound)
	s.get(at, s.authorized("system/*.rs")...).expect(t, http.StatusOK)
}

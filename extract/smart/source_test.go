package smart

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/bubbletest"
)

// direct answers requests by calling a handler, without a network, so that
// tests can run in a bubble of time.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	return res, nil
}

const (
	base     = "https://fhir.example.org/r4"
	tokenURL = "https://auth.example.org/token"
)

// authServer is a token endpoint that checks what a real one would.
type authServer struct {
	t            *testing.T
	capabilities []string
	expiresIn    string
	endpoint     string  // as it is told; "" for one on another host
	scope        *string // granted; nil: what was asked
	key          *Key

	mu     sync.Mutex
	seen   map[string]bool // jti
	issued int
	asked  url.Values // the last form
	fail   int        // status of the next answers
}

func (a *authServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	endpoint := cmp.Or(a.endpoint, tokenURL)
	switch {
	case r.URL.Path == "/r4/.well-known/smart-configuration" && a.capabilities != nil:
		_ = json.NewEncoder(w).Encode(map[string]any{"token_endpoint": endpoint, "capabilities": a.capabilities})
	case r.URL.Path == "/r4/metadata":
		_, _ = io.WriteString(w, `{"rest":[{"security":{"extension":[{"url":"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris","extension":[{"url":"token","valueUri":"`+endpoint+`"}]}]}}]}`)
	case r.URL.Path == "/token" && a.fail != 0:
		w.WriteHeader(a.fail)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"Jane Doe"}`)
	case r.URL.Path == "/token" && r.Method == http.MethodPost:
		a.issue(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (a *authServer) issue(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		a.t.Error(err)
	}
	a.asked = r.PostForm
	if a.key != nil {
		a.verify(r)
	}
	a.issued++
	answer := map[string]any{"access_token": fmt.Sprintf("token-%d", a.issued), "token_type": "Bearer", "scope": r.PostForm.Get("scope")}
	if a.scope != nil {
		answer["scope"] = *a.scope
	}
	if a.expiresIn != "" {
		answer["expires_in"] = json.RawMessage(a.expiresIn)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// verify checks an assertion as SMART App Launch tells servers to.
func (a *authServer) verify(r *http.Request) {
	var claims smartClaims
	token, err := jwt.ParseWithClaims(r.PostForm.Get("client_assertion"), &claims, func(*jwt.Token) (any, error) { return a.key.signer.Public(), nil },
		jwt.WithValidMethods([]string{RS384, ES384}), jwt.WithAudience(tokenURL), jwt.WithExpirationRequired())
	switch {
	case err != nil:
		a.t.Errorf("assertion: %v", err)
	case claims.Issuer != "client" || claims.Subject != "client" || time.Until(claims.ExpiresAt.Time) > 5*time.Minute:
		a.t.Errorf("claims %+v", claims)
	case claims.ID == "" || a.seen[claims.ID]:
		a.t.Errorf("jti %q was used before", claims.ID)
	case token.Header["kid"] != a.key.ID || token.Header["typ"] != "JWT":
		a.t.Errorf("header %v", token.Header)
	case r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		a.t.Errorf("form %v", r.PostForm)
	}
	a.seen[claims.ID] = true
}

// smartClaims are an assertion's as SMART has them: aud is a string, where JWT allows a
// list too.
type smartClaims struct {
	jwt.RegisteredClaims
	Aud string `json:"aud"`
}

// GetAudience implements jwt.Claims.
func (c smartClaims) GetAudience() (jwt.ClaimStrings, error) { return jwt.ClaimStrings{c.Aud}, nil }

func (a *authServer) source(t *testing.T, change func(*Options)) *Source {
	t.Helper()
	a.t, a.seen = t, map[string]bool{}
	o := Options{BaseURL: base + "/", HTTP: &http.Client{Transport: direct{a}}, ClientID: "client", Credential: a.key, Types: []string{"Patient", "Claim"}}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newKey384(t *testing.T) *Key {
	t.Helper()
	k, err := GenerateKey(ES384)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newKeys(t *testing.T) map[string]*Key {
	t.Helper()
	keys := map[string]*Key{}
	for _, algorithm := range []string{RS384, ES384} {
		k, err := GenerateKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		keys[algorithm] = k
	}
	return keys
}

func TestAssertionIsWhatSMARTAsksFor(t *testing.T) {
	for algorithm, key := range newKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			a := &authServer{capabilities: []string{"permission-v2"}, key: key, expiresIn: "0.001"}
			s := a.source(t, nil)
			var last Token
			for range 5 {
				next, err := s.Renew(t.Context(), last)
				if err != nil || next.same(last) {
					t.Fatal(err, "or the same token again")
				}
				last = next
			}
			if len(a.seen) != 5 {
				t.Errorf("%d assertions for 5 tokens", len(a.seen))
			}
		})
	}
}

func TestScopesFollowTheServer(t *testing.T) {
	key := newKey384(t)
	secret := ClientSecret{redact.New("hunter2")}
	for name, tc := range map[string]struct {
		capabilities []string
		change       func(*Options)
		want         string
	}{
		"version 2":                           {[]string{"permission-v1", "permission-v2"}, nil, "system/Claim.rs system/Patient.rs"},
		"version 1":                           {[]string{"permission-v1"}, nil, "system/Claim.read system/Patient.read"},
		"found in the CapabilityStatement":    {nil, nil, "system/Claim.read system/Patient.read"},
		"all types":                           {[]string{"permission-v2"}, func(o *Options) { o.Types = nil }, "system/*.rs"},
		"configured":                          {[]string{"permission-v2"}, func(o *Options) { o.Scopes = []string{"a", "b"} }, "a b"},
		"a secret at a server without SMART":  {nil, func(o *Options) { o.Credential = secret }, ""},
		"a secret at a server that has SMART": {[]string{"permission-v2"}, func(o *Options) { o.Credential = secret }, "system/Claim.rs system/Patient.rs"},
		"token URL configured":                {nil, func(o *Options) { o.TokenURL = "https://auth.example.org/token" }, "system/Claim.read system/Patient.read"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &authServer{capabilities: tc.capabilities, key: key}
			s := a.source(t, tc.change)
			if _, ok := s.o.Credential.(ClientSecret); ok {
				a.key, a.endpoint = nil, "https://fhir.example.org/token"
			}
			if _, err := s.Token(t.Context()); err != nil || a.asked.Get("scope") != tc.want {
				t.Errorf("asked for %q, %v; want %q", a.asked.Get("scope"), err, tc.want)
			}
		})
	}
}

func TestTokenIsSharedUntilAFifthOfItsLifeIsLeft(t *testing.T) {
	key := newKey384(t)
	for name, tc := range map[string]struct {
		expiresIn string
		life      time.Duration
	}{
		"a number":            {"1200", 20 * time.Minute},
		"a string":            {`"1200"`, 20 * time.Minute},
		"a fraction":          {"300.5", 300*time.Second + 500*time.Millisecond},
		"not said":            {"", 5 * time.Minute},
		"nonsense":            {`"soon"`, 5 * time.Minute},
		"null":                {"null", 5 * time.Minute},
		"negative":            {"-1", 5 * time.Minute},
		"longer than belief":  {"1e300", 365 * 24 * time.Hour},
		"not a number at all": {`"NaN"`, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubbletest.Run(t, func(t *testing.T) {
				a := &authServer{capabilities: []string{"permission-v2"}, key: key, expiresIn: tc.expiresIn}
				s := a.source(t, nil)
				want := func(text string) {
					t.Helper()
					if got, err := s.Token(t.Context()); err != nil || got.Access.Reveal() != text {
						t.Fatalf("got %s, %v; want %s", got.Access.Reveal(), err, text)
					}
				}
				want("token-1")
				time.Sleep(tc.life*4/5 - time.Millisecond)
				want("token-1")
				time.Sleep(time.Millisecond)
				want("token-2")
				time.Sleep(tc.life * 4 / 5)
				a.fail = http.StatusServiceUnavailable
				want("token-2") // the old is used until it ends
				time.Sleep(tc.life / 5)
				if _, err := s.Token(t.Context()); err == nil {
					t.Error("a token was used after its end")
				}
			})
		})
	}
}

func TestManyRequestsAskOnce(t *testing.T) {
	key := newKey384(t)
	bubbletest.Run(t, func(t *testing.T) {
		a := &authServer{capabilities: []string{}, key: key}
		s := a.source(t, nil)
		refused, err := s.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if fresh, err := s.Renew(t.Context(), refused); err != nil || fresh.Access.Reveal() != "token-2" {
					t.Errorf("%s, %v", fresh.Access.Reveal(), err)
				}
			})
		}
		all.Wait()
		if a.issued != 2 {
			t.Errorf("asked %d times", a.issued)
		}
	})
}

func TestGrantedScopesAreCompared(t *testing.T) {
	asked := []string{"system/Claim.rs", "system/Patient.rs"}
	for granted, missing := range map[string][]string{
		"":                                  nil,
		"system/Claim.rs system/Patient.rs": nil,
		"system/*.read":                     nil,
		"system/*.cruds openid":             nil,
		"system/Patient.read":               {"system/Claim.rs"},
		"system/Claim.r system/Patient.rs":  {"system/Claim.rs"},
		"user/*.rs":                         asked,
		"system/Claim.rs?status=active system/Patient.rs": {"system/Claim.rs"},
	} {
		if got := notGranted(asked, granted); !slices.Equal(got, missing) {
			t.Errorf("granted %q: %v is missing, want %v", granted, got, missing)
		}
	}
	for granted, beyond := range map[string][]string{
		"": nil,
		"system/Claim.rs system/Patient.r openid": nil,
		"system/Claim.rs?status=active":           nil,
		"system/Claim.read":                       nil,
		"system/*.rs":                             {"system/*.rs"},
		"system/Claim.cruds system/Patient.rs":    {"system/Claim.cruds"},
		"system/Coverage.rs":                      {"system/Coverage.rs"},
		"user/Claim.rs":                           {"user/Claim.rs"},
	} {
		if got := notAsked(asked, strings.Fields(granted)); !slices.Equal(got, beyond) {
			t.Errorf("granted %q: %v was not asked for, want %v", granted, got, beyond)
		}
	}
	a := &authServer{capabilities: []string{"permission-v2"}, key: newKey384(t), scope: new(string)}
	*a.scope = "system/Patient.rs"
	got, err := a.source(t, nil).Token(t.Context())
	if err != nil || !slices.Equal(got.Missing, []string{"system/Claim.rs"}) {
		t.Errorf("missing %v, %v", got.Missing, err)
	}
}

func TestFailureSaysWhatToDoAndNothingElse(t *testing.T) {
	key := newKey384(t)
	a := &authServer{capabilities: []string{}, key: key, fail: http.StatusBadRequest}
	_, err := a.source(t, nil).Token(t.Context())
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != http.StatusBadRequest || e.Code != "invalid_client" || !strings.Contains(e.Error(), "is the client id right") {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "Jane") {
		t.Errorf("the answer is quoted: %v", err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for date, want := range map[string]string{
		"Fri, 02 Jan 2026 03:14:05 GMT": "this machine's clock is 10m0s behind",
		"Fri, 02 Jan 2026 02:54:05 GMT": "this machine's clock is 10m0s ahead",
		"Fri, 02 Jan 2026 03:04:35 GMT": "",
		"yesterday":                     "",
	} {
		if got := skew(date, now); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
}

func TestCredentialsGoNowhereElse(t *testing.T) {
	leak := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Host {
		case "auth.example.org":
			http.Redirect(w, r, "https://elsewhere.example.org/?sig=1", http.StatusTemporaryRedirect)
		default:
			t.Errorf("%s was asked with %v", r.URL.Host, r.Header)
		}
	})
	o := Options{
		BaseURL: base, HTTP: &http.Client{Transport: direct{leak}}, ClientID: "client", Credential: ClientSecret{redact.New("hunter2")},
		TokenURL: "https://auth.example.org/token", Scopes: []string{"a"},
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Error("a redirect of the token request was followed:", err)
	}
	o.TokenURL = "http://auth.example.org/token?sig=1"
	if s, err = New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "not https") || strings.Contains(err.Error(), "sig") {
		t.Error("credentials would be sent in the clear:", err)
	}
}

// A secret is good everywhere, and so goes only to the source's own host, or to where the
// configuration says. An assertion is good at the endpoint that it names only.
func TestSecretGoesToTheSourceOnly(t *testing.T) {
	key, secret := newKey384(t), ClientSecret{redact.New("hunter2")}
	for name, tc := range map[string]struct {
		credential Credential
		told       string // by the server
		configured string
		want       bool // it is sent
	}{
		"the source":                  {secret, "https://fhir.example.org/token", "", true},
		"the source, port named":      {secret, "https://FHIR.example.org:443/token", "", true},
		"another host":                {secret, "https://auth.example.org/token", "", false},
		"a subdomain":                 {secret, "https://auth.fhir.example.org/token", "", false},
		"another port":                {secret, "https://fhir.example.org:8443/token", "", false},
		"a name that begins as it":    {secret, "https://fhir.example.org.evil.example/token", "", false},
		"a user that looks like it":   {secret, "https://fhir.example.org@evil.example/token", "", false},
		"another host, as configured": {secret, "https://evil.example/token", tokenURL, true},
		"an assertion":                {key, tokenURL, "", true},
	} {
		for _, place := range []string{"smart-configuration", "CapabilityStatement"} {
			t.Run(name+", found in the "+place, func(t *testing.T) {
				a := &authServer{endpoint: tc.told}
				if place == "smart-configuration" {
					a.capabilities = []string{"permission-v2"}
				}
				if tc.credential == key {
					a.key = key
				}
				s := a.source(t, func(o *Options) { o.Credential, o.TokenURL = tc.credential, tc.configured })
				_, err := s.Token(t.Context())
				if (a.issued > 0) != tc.want || (err == nil) != tc.want {
					t.Errorf("asked %d times, %v", a.issued, err)
				}
				if !tc.want && (a.asked != nil || !strings.Contains(err.Error(), "set the token URL")) {
					t.Errorf("asked %v, %v", a.asked, err)
				}
			})
		}
	}
}

// A server may refuse the scope of a type that it does not have. Where nobody named the
// types, a token is asked for without it.
func TestScopesOfTypesThatTheServerLacks(t *testing.T) {
	for name, tc := range map[string]struct {
		narrow bool
		asks   int
		want   string
	}{
		"nobody named them": {true, 2, "system/Patient.rs"},
		"they were named":   {false, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			asks, granted := 0, ""
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/token" {
					_, _ = io.WriteString(w, `{"token_endpoint":"`+tokenURL+`","capabilities":["permission-v2"]}`)
					return
				}
				asks++
				scope := r.FormValue("scope")
				if strings.Contains(scope, "Coverage") {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"error":"invalid_scope","error_description":"Resources of type \"Coverage\" do not exist on this server (requested by scope \"system/Coverage.rs\")"}`)
					return
				}
				granted = scope
				_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "t", "token_type": "bearer", "scope": scope})
			})
			s, err := New(Options{BaseURL: base, HTTP: &http.Client{Transport: direct{h}}, ClientID: "client", Credential: newKey384(t), Types: []string{"Coverage", "Patient"}, Narrow: tc.narrow})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = s.Token(t.Context()); asks != tc.asks || granted != tc.want || (err == nil) != tc.narrow {
				t.Errorf("asked %d times, granted %q, %v", asks, granted, err)
			}
		})
	}
}

func TestBearerCannotBeRenewed(t *testing.T) {
	b := Bearer{redact.New("t")}
	got, err := b.Token(t.Context())
	if err != nil || got.Access.Reveal() != "t" {
		t.Error(got, err)
	}
	if _, err := b.Renew(t.Context(), got); err == nil {
		t.Error("renewed")
	}
}

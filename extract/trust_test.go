package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

// numbered gives token 1, and the next for each renewal.
type numbered struct{ n atomic.Int64 }

func (s *numbered) token() smart.Token {
	return smart.Token{Access: redact.New(fmt.Sprintf("token-%d", s.n.Load()))}
}
func (s *numbered) Token(context.Context) (smart.Token, error) { return s.token(), nil }
func (s *numbered) Renew(_ context.Context, refused smart.Token) (smart.Token, error) {
	if refused.Access.Reveal() == s.token().Access.Reveal() {
		s.n.Add(1)
	}
	return s.token(), nil
}

func withTokens(source TokenSource) func(*Options) {
	return func(o *Options) { o.Tokens = source }
}

func TestWhoSeesTheToken(t *testing.T) {
	for name, tc := range map[string]struct {
		base, file string
		public     bool
		trusted    []string
		want       bool
	}{
		"the FHIR server":                        {"https://h/r4", "https://h/files/1", false, nil, true},
		"the FHIR server, port named":            {"https://h/r4", "https://h:443/files/1", false, nil, true},
		"a capability URL":                       {"https://h/r4", "https://h/files/1", true, nil, false},
		"a capability URL of a trusted host":     {"https://h/r4", "https://s3/1", true, []string{"s3"}, false},
		"another host":                           {"https://h/r4", "https://s3/1", false, nil, false},
		"another port":                           {"https://h/r4", "https://h:8443/1", false, nil, false},
		"a subdomain":                            {"https://h.org/r4", "https://files.h.org/1", false, nil, false},
		"the same host in the clear":             {"https://h/r4", "http://h/1", false, nil, false},
		"a trusted host":                         {"https://h/r4", "https://s3/1", false, []string{"s3"}, true},
		"a trusted host, port named":             {"https://h/r4", "https://s3:443/1", false, []string{"s3"}, true},
		"a trusted host in the clear":            {"https://h/r4", "http://s3/1", false, []string{"s3"}, false},
		"a trusted host and port":                {"https://h/r4", "https://s3:9000/1", false, []string{"s3:9000"}, true},
		"a trusted host on another port":         {"https://h/r4", "https://s3:9000/1", false, []string{"s3"}, false},
		"a host whose name begins as the server": {"https://h/r4", "https://h.evil/1", false, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{BaseURL: tc.base, Tokens: &numbered{}, TrustedHosts: tc.trusted})
			if err != nil {
				t.Fatal(err)
			}
			token, err := c.token(t.Context(), call{url: mustURL(t, tc.file), public: tc.public}, c.tries())
			if got := token.Access.Reveal() != ""; got != tc.want || err != nil {
				t.Errorf("sent: %v, %v", got, err)
			}
		})
	}
}

func TestTokenDoesNotFollowARedirectElsewhere(t *testing.T) {
	for name, tc := range map[string]struct {
		to   string
		want string // who saw the token at the end
	}{
		"another host": {"http://other.example.org/end", ""},
		"a subdomain":  {"http://files.fhir.example.org/end", ""},
		"another port": {"http://fhir.example.org:8080/end", ""},
		"and back":     {"http://other.example.org/back", ""},
		"the same":     {"/end", "Bearer token-0"},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/r4/start":
					http.Redirect(w, r, tc.to, http.StatusFound)
				case "/back":
					http.Redirect(w, r, "http://fhir.example.org/end", http.StatusFound)
				default:
					if got := r.Header.Get("Authorization"); got != tc.want {
						t.Errorf("%s saw %q", r.Host, got)
					}
					text(w, 200, "{}\n")
				}
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				f := fileOf(base+"/start", -1)
				f.public = false
				if got, err := content(t, c, f); err != nil || got != "{}\n" {
					t.Error(got, err)
				}
			}, withTokens(&numbered{}))
		})
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	c, err := New(Options{BaseURL: "https://h/r4"})
	if err != nil {
		t.Fatal(err)
	}
	request := func(method, address string) *http.Request {
		return &http.Request{Method: method, URL: mustURL(t, address), Header: http.Header{}}
	}
	withBody := func(address string) *http.Request {
		r := request("POST", address)
		r.ContentLength = 2
		return r
	}
	for name, tc := range map[string]struct{ from, to *http.Request }{
		"a body to another host": {withBody("https://h/r4/$export"), withBody("https://elsewhere/r4/$export")},
		"from https to http":     {request("GET", "https://h/1"), request("GET", "http://h/1")},
		"a POST into a GET":      {request("POST", "https://h/1"), request("GET", "https://h/2")},
	} {
		if c.checkRedirect(tc.to, []*http.Request{tc.from}) == nil {
			t.Errorf("%s is followed", name)
		}
	}
	endless := make([]*http.Request, maxRedirects)
	for i := range endless {
		endless[i] = request("GET", "https://h/1")
	}
	if c.checkRedirect(endless[0], endless) == nil {
		t.Error("an endless redirect is followed")
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		good string // the token that the server accepts
		asks int
		err  string
	}{
		"a new one helps":         {"Bearer token-1", 2, ""},
		"a new one does not help": {"Bearer token-9", 2, "answers 401: the server does not accept who we say we are"},
	} {
		t.Run(name, func(t *testing.T) {
			asks := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asks++
				if r.Header.Get("Authorization") != tc.good {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				reply{status: 200, body: manifestOf("")}.write(w)
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				_, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, 1e12, Watch{})
				if asks != tc.asks || (err == nil) != (tc.err == "") || err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "token-")) {
					t.Errorf("asked %d times, %v", asks, err)
				}
			}, withTokens(&numbered{}))
		})
	}
}

// unlucky gets no token at first.
type unlucky struct {
	numbered
	failures []error
}

func (u *unlucky) Token(ctx context.Context) (smart.Token, error) {
	if len(u.failures) > 0 {
		err := u.failures[0]
		u.failures = u.failures[1:]
		return smart.Token{}, err
	}
	return u.numbered.Token(ctx)
}

func TestTokenEndpointThatFailsIsAskedAgain(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reply{status: 200, body: manifestOf("")}.write(w) })
	for name, tc := range map[string]struct {
		failure error
		class   Class // of the error; "" where it passes
	}{
		"unreachable":        {&smart.Error{Unreachable: true, Err: errors.New("refused")}, ""},
		"failing":            {&smart.Error{Status: 500}, ""},
		"busy":               {&smart.Error{Status: 429, RetryAfter: "60"}, ""},
		"the client unknown": {&smart.Error{Status: 400, Code: "invalid_client"}, Auth},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, h, func(t *testing.T, c *Client) {
				_, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, 1e12, Watch{})
				e, ok := errors.AsType[*Error](err)
				if tc.class == "" && err != nil || tc.class != "" && (!ok || e.Class != tc.class) {
					t.Errorf("%v", err)
				}
			}, withTokens(&unlucky{failures: []error{tc.failure}}))
		})
	}
}

func TestUntrustedHostThatWantsATokenIsExplained(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token was sent")
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	bubble(t, h, func(t *testing.T, c *Client) {
		f := fileOf("http://s3.example.net/1?sig=secret", -1)
		f.public = false
		_, err := content(t, c, f)
		if err == nil || !strings.Contains(err.Error(), "trust it in the configuration") || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}, withTokens(&numbered{}))
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]Options{
		"no base URL":      {},
		"a relative one":   {BaseURL: "r4"},
		"of another kind":  {BaseURL: "ftp://h/r4"},
		"with a password":  {BaseURL: "https://u:p@h/r4"},
		"with a query":     {BaseURL: "https://h/r4?key=1"},
		"a negative limit": {BaseURL: "https://h/r4", Downloads: -1},
	} {
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "u:p") || strings.Contains(err.Error(), "key=1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

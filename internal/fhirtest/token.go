package fhirtest

import (
	"crypto/rand"
	"crypto/subtle"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tokenLife is the longest that SMART Backend Services recommends.
const tokenLife = 5 * time.Minute

// oauthError is an answer of the token endpoint (RFC 6749 §5.2).
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.description }

func (e *oauthError) write(w http.ResponseWriter, mark string) {
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
	}
	writeJSON(w, e.status, "application/json", object{"error": e.code, "error_description": e.description + mark})
}

func badRequest(code, description string) error {
	return &oauthError{http.StatusBadRequest, code, description}
}

func badClient(description string) error {
	return &oauthError{http.StatusUnauthorized, "invalid_client", description}
}

// grant is what a token allows.
type grant struct {
	client  string
	scopes  scopes
	expires time.Time
}

// token answers POST /token (RFC 6749 §4.4, RFC 7523 §2.2, SMART "Backend Services").
func (s *Server) token(w http.ResponseWriter, x *exchange) error {
	w.Header().Set("Cache-Control", "no-store")
	if kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return badRequest("invalid_request", "the Content-Type must be application/x-www-form-urlencoded")
	}
	x.Body = http.MaxBytesReader(w, x.Body, 1<<20)
	if err := x.ParseForm(); err != nil {
		return badRequest("invalid_request", "the body is not a form")
	}
	if x.PostForm.Get("grant_type") != "client_credentials" {
		return badRequest("unsupported_grant_type", "grant_type must be client_credentials")
	}
	client, basic, err := s.authenticate(x)
	if err != nil {
		return err
	}
	granted, err := grantedScopes(client, x.PostForm.Get("scope"), basic)
	if err != nil {
		return err
	}
	var life any = int(tokenLife.Seconds())
	if basic {
		life = strconv.Itoa(int(tokenLife.Seconds())) // a string, as BCDA sends it
	}
	writeJSON(w, http.StatusOK, "application/json", object{
		"access_token": s.issue(client, granted), "token_type": "bearer", "expires_in": life, "scope": granted.String(),
	})
	return nil
}

// authenticate finds out who asks, and whether by HTTP Basic.
func (s *Server) authenticate(x *exchange) (client Client, basic bool, err error) {
	if id, secret, ok := x.BasicAuth(); ok {
		client, known := s.client(id)
		if !known || client.Secret == "" || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) != 1 {
			return Client{}, true, badClient("client id or secret is wrong")
		}
		return client, true, nil
	}
	if x.PostForm.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return Client{}, false, badRequest("invalid_request", "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	}
	client, err = s.verify(x, x.PostForm.Get("client_assertion"))
	return client, false, err
}

func (s *Server) client(id string) (Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.options.Clients {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

// grantedScopes narrows what was asked for to what the client may have. Who
// comes with HTTP Basic may ask for nothing and gets all.
func grantedScopes(c Client, asked string, basic bool) (scopes, error) {
	allowed, err := parseScopes(c.Scopes)
	if err != nil {
		return nil, err
	}
	if len(allowed) == 0 {
		allowed = scopes{{resource: "*", permissions: "rs"}}
	}
	if asked == "" && basic {
		return allowed, nil
	}
	wanted, err := parseScopes(strings.Fields(asked))
	if err != nil {
		return nil, badRequest("invalid_scope", err.Error())
	}
	granted := wanted.narrow(allowed)
	if len(granted) == 0 {
		return nil, badRequest("invalid_scope", "the client may have none of the scopes it asked for")
	}
	return granted, nil
}

func (s *Server) issue(c Client, granted scopes) string {
	token := s.options.Mark + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = grant{client: c.ID, scopes: granted, expires: s.now().Add(tokenLife)}
	return token
}

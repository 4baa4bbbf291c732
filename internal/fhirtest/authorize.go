package fhirtest

import (
	"net/http"
	"strings"
)

// authorize looks the request's token up. On an open server everybody may have all.
func (s *Server) authorize(w http.ResponseWriter, x *exchange) error {
	if len(s.options.Clients) == 0 {
		x.grant = grant{scopes: scopes{{resource: "*", permissions: "rs"}}}
		return nil
	}
	token, ok := bearer(x.Request)
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return refuse(http.StatusUnauthorized, "login", "this request needs a token: send Authorization: Bearer")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	granted, known := s.tokens[token]
	if x.fault.ExpireToken || !known || !s.now().Before(granted.expires) {
		delete(s.tokens, token)
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return refuse(http.StatusUnauthorized, "expired", "the token is unknown or has expired: ask for a new one")
	}
	x.grant = granted
	return nil
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// requiresToken is the manifest's requiresAccessToken.
func (s *Server) requiresToken() bool { return len(s.options.Clients) > 0 && !s.options.NoToken }

// fileAccess guards files as the manifest says: by a token, or by a URL that is
// a secret and must come without one (Bulk Data, "Bulk Data Output File Request").
func (s *Server) fileAccess(h handler, methods ...string) http.Handler {
	if s.requiresToken() {
		return s.guarded(h, methods...)
	}
	return s.open(func(w http.ResponseWriter, x *exchange) error {
		if x.record.Token {
			return refuse(http.StatusBadRequest, "security", "requiresAccessToken is false: do not send the token here")
		}
		return h(w, x)
	}, methods...)
}

package fhirtest

import (
	"net/http"
	"slices"
	"strings"
)

// handler answers a request, or returns why it cannot: a *refusal, an
// *oauthError, or an error of the server itself.
type handler func(w http.ResponseWriter, x *exchange) error

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/metadata", s.open(accepting(s.capabilities, fhirJSON), http.MethodGet))
	mux.Handle("/.well-known/smart-configuration", s.open(accepting(s.smartConfiguration, "application/json"), http.MethodGet))
	mux.Handle("/token", s.open(accepting(s.token, "application/json"), http.MethodPost))
	mux.Handle("/$export", s.guarded(s.kickoff(systemLevel), http.MethodGet, http.MethodPost))
	mux.Handle("/Patient/$export", s.guarded(s.kickoff(patientLevel), http.MethodGet, http.MethodPost))
	mux.Handle("/Group/{id}/$export", s.guarded(s.kickoff(groupLevel), http.MethodGet, http.MethodPost))
	mux.Handle("/export-status/{id}", s.guarded(accepting(s.status, "application/json", fhirJSON), http.MethodGet, http.MethodDelete))
	mux.Handle("/export-status/{id}/{page}", s.guarded(accepting(s.manifestPage, "application/json"), http.MethodGet))
	mux.Handle("/files/{id}/{generation}/{name}", s.fileAccess(accepting(s.file, "application/fhir+ndjson", "application/ndjson"), http.MethodGet, http.MethodHead))
	mux.Handle("/{type}", s.guarded(accepting(s.search, fhirJSON), http.MethodGet))
	mux.Handle("/", s.open(func(http.ResponseWriter, *exchange) error {
		return refuse(http.StatusNotFound, "not-found", "nothing is served at this path")
	}))
	return mux
}

// accepting serves whoever accepts what it gives, as far as they say (RFC 9110 §12.5.1).
func accepting(h handler, mediaTypes ...string) handler {
	return func(w http.ResponseWriter, x *exchange) error {
		accept := strings.Join(x.Header.Values("Accept"), ",")
		accepted := func(mediaType string) bool { return strings.Contains(accept, mediaType) }
		if accept != "" && !strings.Contains(accept, "*/*") && !slices.ContainsFunc(mediaTypes, accepted) {
			return refuse(http.StatusNotAcceptable, "not-supported", "only %s is served here", strings.Join(mediaTypes, ", "))
		}
		return h(w, x)
	}
}

// open serves whoever asks.
func (s *Server) open(h handler, methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r)
		err := allow(w, r, methods)
		if err == nil {
			err = h(w, x)
		}
		if err != nil {
			writeError(w, err, s.options.Mark)
		}
	})
}

// guarded serves whoever has a token, where the server has clients.
func (s *Server) guarded(h handler, methods ...string) http.Handler {
	return s.open(func(w http.ResponseWriter, x *exchange) error {
		if err := s.authorize(w, x); err != nil {
			return err
		}
		return h(w, x)
	}, methods...)
}

func allow(w http.ResponseWriter, r *http.Request, methods []string) error {
	if len(methods) == 0 || slices.Contains(methods, r.Method) {
		return nil
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return refuse(http.StatusMethodNotAllowed, "not-supported", "the method is not allowed here")
}

package fhirtest

import (
	"context"
	"net/http"
)

// exchange is one request with what became known of it on the way.
type exchange struct {
	*http.Request
	record *Request
	fault  Fault
	grant  grant
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange {
	x := r.Context().Value(exchangeKey{}).(*exchange)
	x.Request = r
	return x
}

// ServeHTTP answers one request. It panics with http.ErrAbortHandler where a
// fault wants the connection cut, which net/http understands.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{Request: r, record: newRequest(r, s.clock())}
	m := &meter{ResponseWriter: w, record: x.record}
	defer s.log(x.record)
	x.fault = s.nextFault(x)
	s.misbehave(m, x, func(w http.ResponseWriter) {
		s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	})
}

// base is the URL of the server as the client reached it.
func (x *exchange) base() string {
	scheme := "http://"
	if x.TLS != nil {
		scheme = "https://"
	}
	return scheme + x.Host
}

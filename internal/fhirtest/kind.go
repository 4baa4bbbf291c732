package fhirtest

import (
	"net/http"
	"path"
	"strings"
)

// attemptKey is what attempts are counted for.
type attemptKey struct {
	kind Kind
	name string
}

// nextFault counts the request and returns the fault that applies to it.
func (s *Server) nextFault(x *exchange) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.attemptOf(x.Request)
	x.record.Kind = key.kind
	s.attempts[key]++
	for _, f := range s.options.Faults {
		if f.Kind == key.kind && strings.Contains(x.URL.Path, f.Match) && (f.Attempt == 0 || f.Attempt == s.attempts[key]) {
			return f
		}
	}
	return Fault{}
}

func (s *Server) attemptOf(r *http.Request) attemptKey {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/token":
		return attemptKey{Token, ""}
	case parts[0] == "metadata" || parts[0] == ".well-known":
		return attemptKey{Discovery, ""}
	case path.Base(r.URL.Path) == "$export":
		return attemptKey{Kickoff, r.URL.Path}
	case parts[0] == "files":
		return attemptKey{File, path.Base(r.URL.Path)}
	case parts[0] == "export-status" && r.Method == http.MethodDelete:
		return attemptKey{Delete, ""}
	case parts[0] == "export-status" && len(parts) == 3:
		return attemptKey{Manifest, parts[2]}
	case parts[0] == "export-status" && len(parts) == 2:
		if e, ok := s.exports[parts[1]]; ok && s.ready(e) {
			return attemptKey{Manifest, "1"}
		}
		return attemptKey{Status, ""}
	}
	return attemptKey{Search, parts[0]}
}

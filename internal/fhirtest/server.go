package fhirtest

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Server is the FHIR server, an http.Handler for the root of a host. Close
// removes its temporary files.
type Server struct {
	options   Options
	version   version
	temp      string // folder of what the server made: filtered files, compressed files
	catalogue *catalogue
	gzips     *gzips
	mux       *http.ServeMux

	mu       sync.Mutex // of what follows
	now      func() time.Time
	exports  map[string]*export
	sequence []string // ids of exports, oldest first
	tokens   map[string]grant
	jtis     map[assertionID]time.Time // until when an assertion must not come again
	requests []Request
	attempts map[attemptKey]int
}

// New makes a server of the NDJSON files in o.Dir, which it reads once to know
// their types and where they may be split.
func New(o Options) (*Server, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	v, err := parseVersion(o.Version)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "fhir-server-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the server's files: %w", err)
	}
	s := &Server{
		options: o, version: v, temp: temp,
		catalogue: newCatalogue(o.Dir, temp), gzips: newGzips(temp),
		now: time.Now, attempts: map[attemptKey]int{},
	}
	s.forget(true)
	s.mux = s.routes()
	if err := s.catalogue.warm(o.FileBytes); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Close removes the server's temporary files. Requests after it fail.
func (s *Server) Close() error { return os.RemoveAll(s.temp) }

// SetNow gives the server another clock. transactionTime, the life of tokens
// and files and the pace of polling follow it.
func (s *Server) SetNow(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// SetFaults gives the server other faults, from the next request on, and begins to count
// attempts again; none makes it well.
func (s *Server) SetFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Faults, s.attempts = faults, map[attemptKey]int{}
}

// SetScopes changes what a client may have, from its next token on.
func (s *Server) SetScopes(client string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Clients = slices.Clone(s.options.Clients)
	for i := range s.options.Clients {
		if s.options.Clients[i].ID == client {
			s.options.Clients[i].Scopes = scopes
		}
	}
}

// Restart does what a restart of a real server does to its clients: tokens are
// void, and with loseJobs its exports are unknown. Connections stay open.
func (s *Server) Restart(loseJobs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(loseJobs)
}

func (s *Server) forget(jobs bool) {
	s.tokens, s.jtis = map[string]grant{}, map[assertionID]time.Time{}
	if jobs {
		for _, e := range s.exports {
			e.discard()
		}
		s.exports, s.sequence = map[string]*export{}, nil
	}
}

func (s *Server) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

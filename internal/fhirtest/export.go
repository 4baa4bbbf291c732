package fhirtest

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// exportLife is how long an export's files can be fetched.
const exportLife = 24 * time.Hour

// Export is an export as its kick-off asked for it and as it stands.
type Export struct {
	ID              string
	Client          string     // id; "" on an open server
	Level           string     // system, patient or group
	Group           string     // id, at group level
	Parameters      url.Values // as they came
	TransactionTime time.Time  // UTC
	Polls           int        // answered with 202
	Done            bool       // the manifest was delivered
	Deleted         bool       // by the client
}

// export is an Export with its files. Server.mu guards what changes.
type export struct {
	Export
	request     string // URL
	separate    bool   // separate-export-status applies
	partial     bool   // the manifest may come in pages
	organizedBy string
	incremental bool // _since was given
	fails       int  // status that it ends with; 0: it succeeds
	dir         string

	output, deletions, outcomes []outputFile

	lastPoll   time.Time
	generation int // of file URLs, so that they can expire
	expired    int // status of older generations
}

// expiry is when the files of e are gone.
func (e *export) expiry() time.Time { return e.TransactionTime.Add(exportLife) }

func (e *export) discard() { _ = os.RemoveAll(e.dir) } // Close removes what is left

// Exports returns all exports since the start or Restart, also those that were
// deleted, oldest first.
func (s *Server) Exports() []Export {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Export
	for _, id := range s.sequence {
		all = append(all, s.exports[id].Export)
	}
	return all
}

// admit registers the export, unless its client has too many.
func (s *Server) admit(w http.ResponseWriter, e *export) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	running := 0
	for _, other := range s.exports {
		if other.Client == e.Client && !other.Done && !other.Deleted {
			running++
		}
	}
	if s.options.MaxExports > 0 && running >= s.options.MaxExports {
		w.Header().Set("Retry-After", s.retryAfter())
		return refuse(http.StatusTooManyRequests, "throttled", "an export is running: wait for it or delete it")
	}
	s.exports[e.ID] = e
	s.sequence = append(s.sequence, e.ID)
	return nil
}

// retryAfter is what a 429 says.
func (s *Server) retryAfter() string {
	if s.options.RetryAfter != "" {
		return s.options.RetryAfter
	}
	return "1"
}

// remove forgets an export that was never made.
func (s *Server) remove(e *export) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.exports, e.ID)
	s.sequence = slices.DeleteFunc(s.sequence, func(id string) bool { return id == e.ID })
	e.discard()
}

// find returns the client's export. The caller holds s.mu.
func (s *Server) find(x *exchange) (*export, error) {
	e, ok := s.exports[x.PathValue("id")]
	capability := x.record.Kind == File && !s.requiresToken() // who has the URL may have the file
	if !ok || e.Deleted || (e.Client != x.grant.client && !capability) {
		return nil, refuse(http.StatusNotFound, "not-found", "there is no such export, or it was deleted")
	}
	if s.now().After(e.expiry()) {
		return nil, refuse(http.StatusNotFound, "not-found", "the export has expired: start a new one")
	}
	return e, nil
}

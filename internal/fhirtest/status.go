package fhirtest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// status answers a poll, or the wish to delete the export (Bulk Data, "Bulk
// Data Status Request" and "Bulk Data Delete Request").
func (s *Server) status(w http.ResponseWriter, x *exchange) error {
	act := s.poll
	if x.Method == http.MethodDelete {
		act = s.cancel
	}
	status, body, err := act(w.Header(), x)
	switch {
	case err != nil:
		return err
	case body == nil:
		w.WriteHeader(status)
	default:
		contentType := "application/json"
		if _, failed := body.(operationOutcome); failed {
			contentType = "application/fhir+json"
		}
		writeJSON(w, status, contentType, body)
	}
	return nil
}

func (s *Server) cancel(_ http.Header, x *exchange) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(x)
	if err != nil {
		return 0, nil, err
	}
	e.Deleted = true
	e.discard()
	return http.StatusAccepted, nil, nil
}

// poll returns the state of an export as a status and a body, which may be nil.
func (s *Server) poll(h http.Header, x *exchange) (status int, body any, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(x)
	if err != nil {
		return 0, nil, err
	}
	if err := s.pace(h, e); err != nil {
		return 0, nil, err
	}
	if !s.ready(e) {
		return e.state(h, http.StatusAccepted), s.progress(h, x, e), nil
	}
	e.Done = true
	if e.fails != 0 {
		return e.state(h, e.fails), outcome("error", "exception", "the export has failed: start a new one"+s.options.Mark), nil
	}
	h.Set("Expires", e.expiry().Format(http.TimeFormat))
	return e.state(h, http.StatusOK), s.manifest(x, e, 1), nil
}

func (s *Server) ready(e *export) bool { return e.Polls >= s.options.Polls }

// pace refuses a poll that comes too soon.
func (s *Server) pace(h http.Header, e *export) error {
	now := s.now()
	if wait := s.options.MinPoll - now.Sub(e.lastPoll); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return refuse(http.StatusTooManyRequests, "throttled", "this was too soon after the last poll")
	}
	e.lastPoll = now
	return nil
}

// progress notes a poll that was too early. Where the client allows it, it
// gets what of the manifest there is.
func (s *Server) progress(h http.Header, x *exchange, e *export) any {
	h.Set("X-Progress", fmt.Sprintf("%d%% %s", 100*e.Polls/s.options.Polls, s.options.Mark))
	s.setRetryAfter(h)
	e.Polls++
	if e.partial && s.readyPages(e) > 0 {
		return s.manifest(x, e, 1)
	}
	return nil
}

// setRetryAfter says how long to wait before the next poll.
func (s *Server) setRetryAfter(h http.Header) {
	if s.options.RetryAfter != "" {
		h.Set("Retry-After", s.options.RetryAfter)
	}
}

// state returns the status of an answer about an export that has the given
// one: with separate-export-status that is told in a header.
func (e *export) state(h http.Header, status int) int {
	if !e.separate {
		return status
	}
	h.Set("X-Export-Status", fmt.Sprintf("%d %s", status, http.StatusText(status)))
	return http.StatusOK
}

package embedded

import (
	"sync"
	"time"
)

// Bounds of ClickHouse's sessions: how long one lives between requests, and how many there
// are here.
const (
	sessionTimeout    = 60 * time.Second
	maxSessionTimeout = time.Hour
	maxSessions       = 256
)

// sessions are the connections that requests with a session_id share, one at a time.
type sessions struct {
	open func() (*connection, error)

	mu   sync.Mutex
	byID map[string]*session
}

type session struct {
	c      *connection
	busy   bool
	expiry *time.Timer
}

// take is the request's connection, and what gives it back: a new one, which is closed
// then, or its session's. The errors are ClickHouse's.
func (s *sessions) take(req *request) (c *connection, release func(), err error) {
	if req.session == "" {
		c, err := s.open()
		if err != nil {
			return nil, nil, err
		}
		return c, c.close, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[req.session]
	switch {
	case ok && found.busy:
		return nil, nil, exception(373, "SESSION_IS_LOCKED", "Session %s is locked by a concurrent client", req.session)
	case ok:
		found.expiry.Stop()
	case req.sessionCheck:
		return nil, nil, exception(372, "SESSION_NOT_FOUND", "Session %s not found", req.session)
	case len(s.byID) >= maxSessions:
		return nil, nil, exception(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "%d sessions are open: close_session=1 closes one", maxSessions)
	default:
		c, err := s.open()
		if err != nil {
			return nil, nil, err
		}
		if s.byID == nil {
			s.byID = map[string]*session{}
		}
		found = &session{c: c}
		s.byID[req.session] = found
	}
	found.busy, req.known = true, ok
	return found.c, func() { s.release(req, found) }, nil
}

func (s *sessions) release(req *request, used *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used.busy = false
	if req.closeSession {
		s.drop(req.session, used)
		return
	}
	used.expiry = time.AfterFunc(req.sessionTimeout, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !used.busy {
			s.drop(req.session, used)
		}
	})
}

// drop closes a session; s is locked.
func (s *sessions) drop(id string, used *session) {
	if s.byID[id] == used {
		delete(s.byID, id)
		used.c.close()
	}
}

// close closes all sessions: nobody comes for them.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, left := range s.byID {
		if left.expiry != nil {
			left.expiry.Stop()
		}
		if !left.busy {
			s.drop(id, left)
		}
	}
}

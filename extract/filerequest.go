package extract

import (
	"maps"
	"net/http"
)

const downloading = "download"

// connect sends a file request until it is answered. A link that has expired is
// renewed once between two answers.
func (s *stream) connect(header http.Header) (*connection, error) {
	for {
		c, failure := s.connectOnce(header)
		if failure == nil {
			s.stale = false
			return c, nil
		}
		if failure.Status == http.StatusRequestedRangeNotSatisfiable && header != nil {
			header = nil
			continue
		}
		if s.renew(failure) {
			continue
		}
		if err := s.retry(failure); err != nil {
			return nil, err
		}
	}
}

func (s *stream) connectOnce(header http.Header) (*connection, *Error) {
	c, call := s.client, s.call()
	maps.Copy(call.header, header)
	gate := c.gates.of(s.link.Host)
	round, err := gate.enter(s.ctx)
	if err != nil {
		return nil, call.networkFailure(err)
	}
	res, failure := c.attempt(s.ctx, call, s.tries) //nolint:bodyclose // the connection closes it
	if failure != nil {
		if failure.Class == Throttled {
			gate.throttled(round)
		}
		gate.leave()
		return nil, failure
	}
	gate.answered()
	s.server = res.Header.Get("Server")
	return &connection{res: res, leave: gate.leave}, nil
}

// renew gets another link where the failure may mean that the old has expired.
func (s *stream) renew(e *Error) bool {
	expired := e.Status == http.StatusForbidden || e.Status == http.StatusNotFound || e.Status == http.StatusGone
	if !expired || s.stale {
		return false
	}
	s.stale = true
	renewed, err := s.file.links.renew(s.ctx, s.client, key{s.file.Kind, s.file.index}, s.link)
	if err != nil || !renewed {
		e.Advice = "the file's link has expired: start the export again"
		return false // the answer to the file request says more than err
	}
	s.link = s.file.url()
	return true
}

func (s *stream) call() call {
	h := accept("application/fhir+ndjson")
	h.Set("Accept-Encoding", "gzip, zstd")
	return call{doing: downloading, method: http.MethodGet, url: s.link, header: h, public: s.file.public}
}

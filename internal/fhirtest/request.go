package fhirtest

import (
	"io"
	"net/http"
	"slices"
	"time"
)

// Request is what a test or a log may know of a request that was answered: no
// token, no query and no body.
type Request struct {
	Time     time.Time
	Method   string
	Path     string
	Kind     Kind
	Query    bool // a query was present
	Token    bool // an Authorization header was present
	Prefer   string
	Accept   string
	Encoding string // Accept-Encoding
	Range    string
	JTI      string // of the assertion, at the token endpoint
	Status   int    // 0: the connection was cut before an answer
	Bytes    int64  // of the body, as sent
}

func newRequest(r *http.Request, now time.Time) *Request {
	return &Request{
		Time: now, Method: r.Method, Path: r.URL.Path,
		Query: r.URL.RawQuery != "", Token: r.Header.Get("Authorization") != "",
		Prefer: r.Header.Get("Prefer"), Accept: r.Header.Get("Accept"),
		Encoding: r.Header.Get("Accept-Encoding"), Range: r.Header.Get("Range"),
	}
}

// Requests returns what was answered so far, in the order in which the answers ended.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) log(r *Request) {
	s.mu.Lock()
	s.requests = append(s.requests, *r)
	s.mu.Unlock()
	if s.options.Log != nil {
		s.options.Log(*r)
	}
}

// meter notes status and bytes of an answer.
type meter struct {
	http.ResponseWriter
	record *Request
}

func (m *meter) WriteHeader(status int) {
	if m.record.Status == 0 {
		m.record.Status = status
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *meter) Write(p []byte) (int, error) {
	if m.record.Status == 0 {
		m.record.Status = http.StatusOK
	}
	n, err := m.ResponseWriter.Write(p)
	m.record.Bytes += int64(n)
	return n, err
}

// ReadFrom lets the operating system copy a file.
func (m *meter) ReadFrom(r io.Reader) (int64, error) {
	if m.record.Status == 0 {
		m.record.Status = http.StatusOK
	}
	r, err := sendable(r)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(m.ResponseWriter, r)
	m.record.Bytes += n
	return n, err
}

func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }

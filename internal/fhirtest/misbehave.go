package fhirtest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// misbehave answers as the fault of x wants it; answer is the right way.
func (s *Server) misbehave(w http.ResponseWriter, x *exchange, answer func(http.ResponseWriter)) {
	f := x.fault
	if f.StallAt == 0 {
		pause(x.Request, f.Stall)
	}
	switch {
	case f.Restart != 0:
		s.Restart(f.Restart == LoseJobs)
		panic(http.ErrAbortHandler)
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Redirect != "":
		w.Header().Set("Location", f.Redirect+x.URL.RequestURI())
		w.WriteHeader(http.StatusTemporaryRedirect)
	case f.Body != "" || f.NoBody:
		w.Header().Set("Content-Type", "application/fhir+ndjson")
		_, _ = io.WriteString(w, f.Body)
	case f.HTML || (f.Status != 0 && !f.Expire):
		f.writeInstead(w, s.options.Mark)
	default:
		f.Chunked = f.Chunked || f.Bare || (s.options.Chunked && x.record.Kind == File)
		answer(f.on(w, x.Request))
	}
}

func (f Fault) writeInstead(w http.ResponseWriter, mark string) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case f.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<!DOCTYPE html><html><body><h1>%d %s</h1>%s</body></html>\n", status, http.StatusText(status), mark)
	case f.Kind == Token:
		writeError(w, &oauthError{status, "temporarily_unavailable", "the server was told to fail here"}, mark)
	default:
		writeError(w, &refusal{status, issueCode(status), "the server was told to fail here"}, mark)
	}
}

// issueCode is of the IssueType value set; transient ones tell a client to try again.
func issueCode(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status >= http.StatusInternalServerError:
		return "transient"
	}
	return "processing"
}

// pause waits, or aborts the answer when the client has gone.
func pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

package extract

import (
	"errors"
	"io"
	"net/http"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

// maxFailureBytes is how much of a failure's body is read, to look for an
// OperationOutcome.
const maxFailureBytes = 1 << 20

// networkFailure is the error of a call that got no answer, or not all of it.
func (c call) networkFailure(err error) *Error {
	if !errors.Is(err, errIdle) {
		err = redact.Cause(err)
	}
	e := &Error{Class: Network, Doing: c.doing, URL: redact.URL(c.url), Err: err, again: true}
	if refused, ok := errors.AsType[redact.Public](err); ok {
		e.Class, e.Err, e.again = Server, refused, false
	}
	return e
}

// tokenFailure is the error of a call that got no token.
func (c call) tokenFailure(err error) *Error {
	e := &Error{Class: Auth, Doing: c.doing, URL: redact.URL(c.url), Err: err}
	s, ok := errors.AsType[*smart.Error](err)
	_, refused := errors.AsType[redact.Public](err) // by a rule of ours: the next attempt meets it too
	switch {
	case !ok || refused:
		return e
	case s.Unreachable:
		e.Class, e.again = Network, true
	case s.Status == http.StatusTooManyRequests || s.Status == http.StatusServiceUnavailable:
		e.Class, e.again = Throttled, true
	case s.Status >= http.StatusInternalServerError:
		e.Class, e.again = Server, true
	}
	e.retryAfter = s.RetryAfter
	return e
}

// statusFailure is the error of an answer 4xx or 5xx, whose body it reads and
// closes. It remembers a refused token, so that the next attempt gets another.
func (c *Client) statusFailure(call call, res *http.Response, token smart.Token, t *tries) *Error {
	defer res.Body.Close() //nolint:errcheck // read only
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxFailureBytes))
	e := &Error{
		Doing: call.doing, URL: redact.URL(call.url), Status: res.StatusCode, Codes: issueCodes(body), retryAfter: res.Header.Get("Retry-After"),
		Said: call.said(res, body, token.Access.Reveal()), outcome: isOutcome(body),
	}
	e.classify()
	if e.Status == http.StatusUnauthorized && token.Access.Reveal() != "" {
		t.refused, e.again = token, true
	}
	if e.Class == Auth && c.o.Tokens != nil && !call.public && !c.trusted(call.url) {
		e.Advice = "the token is not sent to this host: trust it in the configuration if it is the server's own"
	}
	return e
}

// said is why the server refuses, in its words without ours. What says which part of a
// request is refused is not masked: types, elements and times.
func (c call) said(res *http.Response, body []byte, token string) redact.Secret {
	sent := append([]string{token}, c.sent...)
	for name, values := range c.url.Query() {
		if !telling[name] {
			sent = append(sent, values...)
		}
	}
	return redact.Said(res.Header.Get("Content-Type"), body, sent...)
}

// telling are parameters that name no patient and no secret.
var telling = map[string]bool{
	"_type": true, "_elements": true, "_since": true, "_until": true, "_outputFormat": true, "organizeOutputBy": true,
	"includeAssociatedData": true, "allowPartialManifests": true, "_count": true, "_lastUpdated": true,
}

// classify sets the class of a status (RFC 9110 §15), and what a user can do.
func (e *Error) classify() {
	switch {
	case e.Status == http.StatusUnauthorized:
		e.Class, e.Advice = Auth, "the server does not accept who we say we are: check the credentials"
	case e.Status == http.StatusForbidden:
		e.Class, e.Advice = Auth, "the client may not do this: ask the server's operator for the scopes or the group"
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable && e.retryAfter != "":
		e.Class, e.again, e.Advice = Throttled, true, "the server is busy, or runs another export of this client: try again later"
	case e.Status == http.StatusNotFound || e.Status == http.StatusGone:
		e.Class, e.Err = Request, ErrGone
	case e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly:
		e.Class, e.again = Server, true
	case e.Status == http.StatusNotImplemented:
		e.Class, e.Advice = Request, "the server does not support what is asked"
	case e.Status >= http.StatusInternalServerError:
		e.Class, e.again, e.Advice = Server, true, "the server failed: try again later, or ask its operator"
	default:
		e.Class, e.Advice = Request, "the server does not support what is asked: check level, types and parameters"
	}
	if transient(e.Codes) && e.Class != Auth {
		e.again = true
		if e.Class == Request {
			e.Class = Server
		}
	}
}

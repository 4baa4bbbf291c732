package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/claimlake/claimlake/extract/redact"
)

// readBody reads a small answer whole, up to limit bytes, and closes it.
func (c call) readBody(res *http.Response, limit int64) ([]byte, *Error) {
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, c.networkFailure(err)
	case res.StatusCode == http.StatusPartialContent:
		return nil, &Error{Class: Data, Doing: c.doing, URL: redact.URL(c.url), Status: res.StatusCode, Err: errors.New("the answer is a part, which was not asked for")}
	case int64(len(body)) > limit:
		return nil, &Error{Class: Data, Doing: c.doing, URL: redact.URL(c.url), Err: fmt.Errorf("%w: more than %d MiB", ErrTooLarge, limit>>20)}
	}
	return body, nil
}

// dataFailure is the error of an answer that is not what it should be. It says
// what the answer is instead, as far as that holds no content.
func (c call) dataFailure(res *http.Response, body []byte, want string) *Error {
	e := &Error{Class: Data, Doing: c.doing, URL: redact.URL(c.url), Status: res.StatusCode, Codes: issueCodes(body), Err: fmt.Errorf("the answer is not %s", want)}
	if len(e.Codes) > 0 {
		e.Said = c.said(res, body, "")
	}
	switch {
	case isHTML(res.Header, body):
		e.Err = fmt.Errorf("the answer is not %s but HTML", want)
		e.Advice = "is there a gateway or a login page in between?"
	case !json.Valid(body):
		e.Err = fmt.Errorf("the answer is not %s, and no JSON", want)
	case len(e.Codes) > 0:
		e.Err = fmt.Errorf("the answer is not %s but an OperationOutcome", want)
	}
	return e
}

var errHTML = errors.New("the answer is HTML")

// isHTML reports whether an answer is a page for people.
func isHTML(header http.Header, start []byte) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	start = bytes.ToLower(bytes.TrimSpace(start[:min(len(start), 64)]))
	return kind == "text/html" || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

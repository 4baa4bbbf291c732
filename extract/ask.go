package extract

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// answer is what a status URL, or a manifest page's, says at one time.
type answer struct {
	done     bool          // the export is
	page     *page         // nil while there is none
	progress string        // percentage
	words    string        // X-Progress, as it came: not to be shown
	wait     time.Duration // Retry-After; 0 where the server does not say
}

// ask polls once (Bulk Data, "Status Request"). A poll that fails is repeated as
// often as its class allows, an export that failed is an error.
func (c *Client) ask(ctx context.Context, doing string, u *url.URL) (answer, error) {
	call := call{doing: doing, method: http.MethodGet, url: u, header: accept("application/json")}
	t := c.tries()
	for {
		a, failure := c.askOnce(ctx, call, t)
		if failure == nil {
			return a, nil
		}
		if err := c.retry(ctx, t, failure); err != nil {
			return answer{}, err
		}
	}
}

func (c *Client) askOnce(ctx context.Context, call call, t *tries) (answer, *Error) {
	res, failure := c.attempt(ctx, call, t)
	if failure != nil {
		return answer{}, call.pollFailure(failure)
	}
	body, failure := call.readBody(res, maxManifestBytes)
	if failure != nil {
		return answer{}, failure
	}
	status := exportStatus(res)
	if status >= http.StatusBadRequest {
		return answer{}, call.exportFailure(res, status, body)
	}
	a := answer{
		done: status != http.StatusAccepted, progress: percentage(res.Header.Get("X-Progress")), words: res.Header.Get("X-Progress"),
		wait: parseRetryAfter(res.Header.Get("Retry-After"), time.Now(), c.o.MaxRetryAfter),
	}
	page, err := parsePage(body, call.url, res.Header.Get("Expires"))
	switch {
	case err == nil:
		a.page = page
		page.served, _ = parseInstant(res.Header.Get("Date"))
	case a.done && errors.Is(err, errNotManifest):
		return answer{}, call.dataFailure(res, body, "a manifest")
	case a.done:
		return answer{}, &Error{Class: Data, Doing: call.doing, URL: redact.URL(call.url), Err: err}
	}
	return a, nil
}

// exportStatus is the state of the export. With separate-export-status (STU4) it
// is apart from that of the poll.
func exportStatus(res *http.Response) int {
	code, _, _ := strings.Cut(strings.TrimSpace(res.Header.Get("X-Export-Status")), " ") // "202 Accepted" comes too
	if status, err := strconv.Atoi(code); err == nil {
		return status
	}
	return res.StatusCode
}

// pollFailure says what the failure of a poll means. A 4xx that is about the poll has a
// class or a meaning of its own; another is the export's. A 500 may be the poll's or
// the export's: the poll's should have a transient issue (Bulk Data, "Response -
// Error Status"). "exception" is one by FHIR's hierarchy, and yet what servers send
// of exports that failed, or an outcome without a code; so these are asked again, and in
// the end taken for that.
func (c call) pollFailure(e *Error) *Error {
	switch {
	case errors.Is(e, ErrGone):
		e.Advice = "the export has expired or was cancelled: start it again"
	case (e.Class == Request || e.Class == Server && slices.Contains(e.Codes, "exception")) && e.Status < http.StatusInternalServerError,
		e.Status == http.StatusInternalServerError && e.outcome && (slices.Contains(e.Codes, "exception") || !transient(e.Codes)):
		e.Err, e.Advice = ErrFailed, exportAdvice
	}
	return e
}

const exportAdvice = "start it again, or ask the server's operator"

// exportFailure is the error of an export that failed, as opposed to its poll.
func (c call) exportFailure(res *http.Response, status int, body []byte) *Error {
	e := &Error{Doing: c.doing, URL: redact.URL(c.url), Status: status, Codes: issueCodes(body), Said: c.said(res, body, "")}
	e.classify()
	e.again, e.Err, e.Advice = false, ErrFailed, exportAdvice
	return e
}

// percentage is how much of an export X-Progress says is done, such as "50%"; "" where
// it does not. Its other words are the server's own, and are shown nowhere.
func percentage(header string) string { return percent.FindString(header) }

var percent = regexp.MustCompile(`\b(100|[0-9]{1,2})(\.[0-9]{1,4})?%`)

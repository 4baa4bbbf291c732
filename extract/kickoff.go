package extract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Job is an export that the server works on. Keep it, so that a run that ended
// early can go on: there is nothing else to it.
type Job struct {
	StatusURL string    // absolute; its query may be a credential
	Started   time.Time // UTC; zero means now
	Pace      Pace
	// TransactionTime is that of its manifest, where a part was read before; zero for none.
	TransactionTime time.Time
	// Unreadable are the types that were asked for and that the token did not let be read:
	// a server leaves them out. It is known of a new job only.
	Unreadable []string
	// LeftOut are the types that were left out since the server does not export them.
	LeftOut []string
}

// Pace is how often an export's status may be asked for. Zero means now, and each
// second.
type Pace struct {
	Next  time.Time     // UTC; not sooner
	Every time.Duration // as the server last said
}

// Kickoff asks the server for an export (Bulk Data, "Kick-off Request"). A
// failure that passes is waited out; where a connection breaks after the server
// has got the request, a second job may begin, which the server lets expire. With
// e.Narrow, types that the server does not export are left out. The error is an *Error
// or the context's.
func (c *Client) Kickoff(ctx context.Context, e Export) (Job, error) {
	if e.Narrow {
		return c.narrowed(ctx, e)
	}
	return c.kickoff(ctx, e)
}

// kickoff starts an export as it is asked for, but for AllowPartialManifests: a server that
// refuses the request with it may know no such parameter, and is asked without. What it
// says then is about the rest of the request.
func (c *Client) kickoff(ctx context.Context, e Export) (Job, error) {
	job, err := c.request(ctx, e)
	failure, ok := errors.AsType[*Error](err)
	if !e.AllowPartialManifests || !ok || failure.Class != Request || errors.Is(err, ErrGone) {
		return job, err
	}
	e.AllowPartialManifests = false
	if job, err = c.request(ctx, e); err == nil {
		c.o.Logger.WarnContext(ctx, "the server refuses allowPartialManifests: the export is made without; leave out export.allow_partial_manifests", "failure", failure)
	}
	return job, err
}

// request sends a kick-off.
func (c *Client) request(ctx context.Context, e Export) (Job, error) {
	if err := e.check(); err != nil {
		return Job{}, &Error{Class: Request, Doing: "start the export", Err: err}
	}
	method, stu4, err := c.method(ctx, e)
	if err != nil {
		return Job{}, err
	}
	call := call{doing: "start the export at", method: string(method), url: c.at(e.path()), header: e.header(), sent: e.private()}
	if method == POST {
		if call.body, err = e.body(stu4); err != nil {
			return Job{}, err
		}
		call.header.Set("Content-Type", "application/fhir+json")
	} else {
		call.url.RawQuery = e.query()
	}
	started := time.Now().UTC()
	res, err := c.do(ctx, call)
	if failure, ok := errors.AsType[*Error](err); ok && failure.Class == Request {
		if refused := refusedTypes(e.Types, nil, failure.Said.Reveal()); len(refused) > 0 && len(refused) < len(e.Types) {
			failure.Advice = "the server does not export " + strings.Join(refused, ", ") + ": leave that out of export.types"
		}
	}
	if err != nil {
		return Job{}, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	_, _ = io.CopyN(io.Discard, res.Body, maxFailureBytes)
	status, err := statusURL(res)
	if err != nil {
		return Job{}, &Error{Class: Data, Doing: call.doing, URL: redact.URL(call.url), Status: res.StatusCode, Err: err}
	}
	c.o.Logger.InfoContext(ctx, "export started", "status", redact.URL(status))
	unreadable, err := c.Unreadable(ctx, e.Types)
	if err != nil { // the job is there, and must be known
		c.o.Logger.WarnContext(ctx, "what the token lets be read is not known", "error", err)
	}
	return Job{StatusURL: status.String(), Started: started, Unreadable: unreadable, LeftOut: e.LeftOut}, nil
}

// Unreadable are those of types of which the token does not let all be read. The error is
// that of the token source.
func (c *Client) Unreadable(ctx context.Context, types []string) ([]string, error) {
	if c.o.Tokens == nil {
		return nil, nil
	}
	t, err := c.o.Tokens.Token(ctx)
	return t.Unreadable(types), err
}

// method is how to send a kick-off, and whether it is read as STU4.
func (c *Client) method(ctx context.Context, e Export) (m Method, stu4 bool, err error) {
	if e.Method == GET {
		return GET, false, nil
	}
	declared, err := c.Capabilities(ctx)
	if failure, ok := errors.AsType[*Error](err); ok && (failure.Class == Request || failure.Class == Data || failure.Class == Auth) {
		c.o.Logger.WarnContext(ctx, "the server does not say what it can; taken for STU3", "error", failure)
		err = nil
	}
	if e.Method == POST || declared.STU4 || len(e.Patients) > 0 {
		return POST, declared.STU4, err
	}
	return GET, false, err
}

func (e Export) header() http.Header {
	prefer := []string{"respond-async"}
	if e.SeparateExportStatus {
		prefer = append(prefer, "separate-export-status")
	}
	if e.Lenient {
		prefer = append(prefer, "handling=lenient")
	}
	h := accept("application/fhir+json")
	h.Set("Prefer", strings.Join(prefer, ", ")) // one line: gateways keep one of several
	return h
}

// statusURL is where the job's status is. The specification wants it absolute;
// a relative one is resolved.
func statusURL(res *http.Response) (*url.URL, error) {
	location := res.Header.Get("Content-Location")
	if location == "" {
		return nil, errors.New("no Content-Location in the answer: does the server support $export at this level?")
	}
	u, err := res.Request.URL.Parse(location)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("the answer's Content-Location is not a URL")
	}
	return u, nil
}

// at is a URL below the base.
func (c *Client) at(path string) *url.URL { return c.base.JoinPath(path) }

func accept(mediaType string) http.Header { return http.Header{"Accept": {mediaType}} }

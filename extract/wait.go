package extract

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Progress is what a poll found.
type Progress struct {
	Text string        // X-Progress: free text, at most 100 characters
	Wait time.Duration // until the next poll
	// Manifest is what is known so far, with allowPartialManifests; nil while
	// that is nothing. Its files may be downloaded already.
	Manifest *Manifest
}

// Wait polls until the export is done and gives its whole manifest. An export
// that is not done in the time of deadline, counted from its start, ends in
// ErrDeadline. progress is called after each poll that found it running; it may
// be nil. The error is an *Error or the context's.
func (c *Client) Wait(ctx context.Context, job Job, deadline time.Duration, progress func(Progress)) (Manifest, error) {
	status, err := url.Parse(job.StatusURL)
	if err != nil || status.Host == "" {
		return Manifest{}, &Error{Class: Request, Doing: "poll the export", Err: errors.New("its status URL is not absolute")}
	}
	if job.Started.IsZero() {
		job.Started = time.Now()
	}
	ctx, cancel := context.WithDeadlineCause(ctx, job.Started.Add(deadline), ErrDeadline)
	defer cancel()
	m, err := c.poll(ctx, status, progress)
	if errors.Is(err, ErrDeadline) {
		err = &Error{Class: Server, Doing: "poll the export", URL: redact.URL(status), Err: ErrDeadline,
			Advice: "the server may have lost it: start it again, or allow it more time"}
	}
	return m, err
}

// poll asks for the status until all pages of the manifest are there.
func (c *Client) poll(ctx context.Context, status *url.URL, progress func(Progress)) (Manifest, error) {
	all := chain{client: c}
	for n := 0; ; n++ {
		a, err := c.ask(ctx, "poll the export", status)
		if err != nil {
			return Manifest{}, err
		}
		if err := all.extend(ctx, a); err != nil {
			return Manifest{}, err
		}
		if all.complete() {
			m := manifest(all.pages)
			m.Complete = true
			return m, nil
		}
		wait := a.wait
		if wait == 0 {
			wait = polling.delay(n)
		}
		if progress != nil {
			progress(Progress{Text: a.progress, Wait: wait, Manifest: all.manifest()})
		}
		if err := sleep(ctx, wait); err != nil {
			return Manifest{}, err
		}
	}
}

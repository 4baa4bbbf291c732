package extract

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Progress is what a poll found.
type Progress struct {
	Percent string        // done, as X-Progress says, such as "50%"; "" where it does not
	Still   time.Duration // for how long that has not changed
	Pace    Pace          // of the next polls
	// Manifest is what is known so far, with allowPartialManifests; nil while
	// that is nothing. Its files may be downloaded already.
	Manifest *Manifest
}

// Watch is told how the wait for an export goes. Each function may be nil.
type Watch struct {
	// Asking is called before each poll, with the pace of those after it, whatever
	// becomes of this one.
	Asking func(Pace) error
	// Progress is called after each poll that found the export running. Its error ends the
	// wait.
	Progress func(Progress) error
	// Partial says that partial manifests were asked for. Without that, one which comes while
	// the export runs is not looked at: it may be anything.
	Partial bool
	// Stall is how long an export may stand still at one percentage; 0: as long as it
	// likes.
	Stall time.Duration
}

func (w Watch) asking(wait time.Duration) error {
	if w.Asking == nil {
		return nil
	}
	p := paceOf(wait)
	p.Next = p.Next.Add(wait / 8) // the poll has yet to arrive
	return w.Asking(p)
}

// paceOf is the pace of polls that are so far apart, when one is made now.
func paceOf(wait time.Duration) Pace { return Pace{Next: time.Now().UTC().Add(wait), Every: wait} }

func (w Watch) progress(p Progress) error {
	if w.Progress == nil {
		return nil
	}
	return w.Progress(p)
}

// Wait polls until the export is done and gives its whole manifest. An export
// that is not done in the time of deadline, counted from its start, ends in
// ErrDeadline, and one that stands still for longer than w.Stall in ErrStalled. The error
// is an *Error, one of w's functions or the context's.
func (c *Client) Wait(ctx context.Context, job Job, deadline time.Duration, w Watch) (Manifest, error) {
	status, err := url.Parse(job.StatusURL)
	if err != nil || status.Host == "" {
		return Manifest{}, &Error{Class: Request, Doing: "poll the export", Err: errors.New("its status URL is not absolute")}
	}
	if job.Started.IsZero() {
		job.Started = time.Now()
	}
	ctx, cancel := context.WithDeadlineCause(ctx, job.Started.Add(deadline), ErrDeadline)
	defer cancel()
	m, err := c.poll(ctx, job, status, w)
	if errors.Is(err, ErrDeadline) {
		err = &Error{Class: Server, Doing: "poll the export", URL: redact.URL(status), Err: ErrDeadline,
			Advice: "the server may have lost it: start it again, or allow it more time"}
	}
	return m, err
}

// poll polls, at the job's pace to begin with, until all pages of the manifest are there.
func (c *Client) poll(ctx context.Context, job Job, status *url.URL, w Watch) (Manifest, error) {
	all, wait, still := c.chain(job, status, w.Partial), max(job.Pace.Every, time.Second), stall{}
	if err := sleep(ctx, time.Until(job.Pace.Next)); err != nil {
		return Manifest{}, err
	}
	for n := 0; ; n++ {
		if err := w.asking(wait); err != nil {
			return Manifest{}, err
		}
		told, err := all.poll(ctx)
		if err != nil {
			return Manifest{}, err
		}
		if all.complete() {
			return *all.manifest(), nil
		}
		if all.fresh {
			n = 0 // there is something to read
		}
		if wait = told; wait == 0 {
			wait = polling.delay(n)
		}
		stood := still.look(all.state, all.held.files, time.Now())
		if w.Stall > 0 && stood >= w.Stall {
			return Manifest{}, &Error{
				Class: Server, Doing: "poll the export", URL: redact.URL(status), Err: fmt.Errorf("%w: %s done, as %s ago", ErrStalled, all.state.progress, stood.Round(time.Second)),
				Advice: "the server may have lost it: start it again, or allow it to stand still for longer (limits.stall_deadline)",
			}
		}
		if err := w.progress(Progress{Percent: all.state.progress, Still: stood, Pace: paceOf(wait), Manifest: all.manifest()}); err != nil {
			return Manifest{}, err
		}
		if err := sleep(ctx, wait); err != nil {
			return Manifest{}, err
		}
	}
}

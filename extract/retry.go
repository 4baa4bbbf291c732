package extract

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/claimlake/claimlake/extract/smart"
)

// policy says how often a request is sent again, and how long to wait before.
// The wait is Retry-After where the server gives one. Else it is first, and then
// base, doubled each time up to limit, with jitter.
type policy struct {
	times              int // in a row, without a byte of progress between
	first, base, limit time.Duration
}

// after says whether and when a failed request is sent again (Bulk Data,
// "Response - Error Status"; RFC 9110 §15). Classes that are not here are final,
// and so is every failure that is not marked to be worth another try.
var after = map[Class]policy{
	Network:   {times: 8, first: 0, base: time.Second, limit: time.Minute},
	Server:    {times: 6, first: time.Second, base: 2 * time.Second, limit: time.Minute},
	Throttled: {times: 12, first: time.Second, base: 2 * time.Second, limit: 5 * time.Minute},
	Auth:      {times: 1}, // with a new token
	Data:      {times: 2, first: time.Second, base: time.Second, limit: time.Minute},
}

// polling is how long to wait between polls that get no Retry-After.
var polling = policy{first: time.Second, base: 2 * time.Second, limit: time.Minute}

// delay is the wait before the nth repetition, from 0.
func (p policy) delay(n int) time.Duration {
	if n == 0 {
		return jitter(p.first)
	}
	d := p.base
	for range n - 1 {
		d = min(2*d, p.limit)
	}
	return jitter(d)
}

// jitter shortens d by up to a quarter, so that many clients do not come at once.
func jitter(d time.Duration) time.Duration { return d - time.Duration(rand.Int64N(int64(d)/4+1)) }

// tries counts the failures of one request or one file.
type tries struct {
	client *Client
	row    map[Class]int // since the last progress
	left   int           // of the budget for all
	// refused is the token that got the last answer 401.
	refused smart.Token
}

func (c *Client) tries() *tries {
	return &tries{client: c, row: map[Class]int{}, left: c.o.FileRetries}
}

// progress says that something came since the last failure.
func (t *tries) progress() { clear(t.row) }

// wait returns nil when it is time to try again, and the failure where that is
// of no use or the budget is spent.
func (t *tries) wait(ctx context.Context, e *Error) error {
	p, n := after[e.Class], t.row[e.Class]
	switch {
	case !e.again || n >= p.times:
		return e
	case t.left <= 0 || t.client.retriesLeft.Add(-1) < 0:
		e.Advice = "too many failures in all, of this or of other files: try again later"
		return e
	}
	t.row[e.Class]++
	t.left--
	d := parseRetryAfter(e.retryAfter, time.Now(), t.client.o.MaxRetryAfter)
	if d == 0 {
		d = p.delay(n)
	}
	t.client.o.Retried(e.Doing, e.Class)
	t.client.o.Logger.WarnContext(ctx, "trying again", "failure", e, "in", d)
	return sleep(ctx, d)
}

// sleep waits for d. The error is the reason why the context ended.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return context.Cause(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

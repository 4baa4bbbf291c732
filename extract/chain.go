package extract

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// chain is an export's state, and the pages of its manifest as far as they are known,
// each linked by the one before. While the export runs the chain may grow at its end;
// pages in it stay as they are (Bulk Data, "Response - In-Progress Status": allowPartialManifests).
//
// Only the status URL says whether the export is done, since a page may come from a store
// that knows nothing of it. A page without a link is the last one where it was read after
// the status URL had said so.
type chain struct {
	client  *Client
	status  *url.URL
	partial bool      // a page counts while the export runs
	state   answer    // of the status URL, last
	time    time.Time // transactionTime, which all pages have, to the microsecond; zero: not known yet
	pages   []*page
	held    held
	seen    map[string]bool // where pages are
	fresh   bool            // the last answer linked to a page that is not read yet
	atEnd   bool            // the last request was of the chain's end
}

func (c *Client) chain(job Job, status *url.URL, partial bool) *chain {
	return &chain{client: c, status: status, partial: partial, time: job.TransactionTime, seen: map[string]bool{}}
}

// manifest is what is known so far; nil for nothing.
func (ch *chain) manifest() *Manifest {
	if len(ch.pages) == 0 {
		return nil
	}
	m := manifest(ch.pages)
	m.Complete = ch.complete()
	return &m
}

// last is the last page; nil for none.
func (ch *chain) last() *page {
	if len(ch.pages) == 0 {
		return nil
	}
	return ch.pages[len(ch.pages)-1]
}

// complete reports whether the last page is there.
func (ch *chain) complete() bool {
	last := ch.last()
	return last != nil && last.final && last.next == nil
}

// poll sends one request, since servers limit them: to the status URL or, each other time
// and as long as there is more, to the chain's end. Once the export is done it reads the
// rest. It gives how long the server wants to be left alone; 0 where it does not say. The
// error is an *Error or the context's.
func (ch *chain) poll(ctx context.Context) (wait time.Duration, err error) {
	a, err := ch.ask(ctx, ch.fresh || !ch.atEnd)
	for err == nil && ch.state.done && !ch.complete() {
		if _, err = ch.ask(ctx, true); !ch.fresh {
			break
		}
	}
	return a.wait, err
}

// end is where the chain goes on: its last page's link, or that page, which may have got
// one since. The first page is at the status URL.
func (ch *chain) end() *url.URL {
	switch last := ch.last(); {
	case last == nil:
		return ch.status
	case last.next != nil:
		return last.next
	default:
		return last.link.page
	}
}

// ask sends a request, to the chain's end or to the status URL, and takes the answer.
func (ch *chain) ask(ctx context.Context, toEnd bool) (answer, error) {
	doing, at := "poll the export", ch.status
	if end := ch.end(); toEnd && end != ch.status {
		doing, at = "read the manifest's next page at", end
	}
	ch.atEnd = at != ch.status
	if last := ch.last(); ch.atEnd && at == last.next && ch.seen[at.String()] {
		return answer{}, ch.failure(doing, at, errors.New("the manifest's pages are linked in a circle"))
	}
	a, err := ch.client.ask(ctx, doing, at)
	if err != nil {
		return a, err
	}
	if !ch.atEnd {
		ch.state = a
	}
	ch.fresh = false
	if a.page == nil || !ch.state.done && !ch.partial {
		return a, nil
	}
	a.page.final = ch.state.done && a.done
	if err := ch.take(a.page); err != nil {
		return a, ch.failure(doing, at, err)
	}
	return a, nil
}

// take adds a page, or what is new of one that is there.
func (ch *chain) take(p *page) error {
	at := p.transactionTime.Truncate(time.Microsecond)
	if ch.time.IsZero() {
		ch.time = at
	}
	if !at.Equal(ch.time) {
		return fmt.Errorf("%w: its transactionTime was another, so that it is of another state of the server", ErrOtherManifest)
	}
	where := p.link.page.String()
	if !ch.seen[where] {
		ch.seen[where], ch.fresh = true, p.next != nil
		ch.pages = append(ch.pages, p)
		p.link.set(p, !p.final)
		return ch.held.add(p)
	}
	for _, known := range ch.pages {
		if known.link.page.String() != where {
			continue
		}
		ch.fresh = known.next == nil && p.next != nil
		before := known.size()
		if err := known.renew(p, known == ch.last()); err != nil {
			return err
		}
		return ch.held.grow(known.size(), before)
	}
	return nil
}

func (ch *chain) failure(doing string, u *url.URL, err error) *Error {
	return &Error{Class: Data, Doing: doing, URL: redact.URL(u), Err: err}
}

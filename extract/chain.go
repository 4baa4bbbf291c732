package extract

import (
	"context"
	"errors"
	"net/url"

	"github.com/claimlake/claimlake/extract/redact"
)

// chain is the pages of a manifest, each linked by the one before. While an
// export runs it may grow at its end; pages in it stay as they are (Bulk Data,
// "Response - Output Manifest": allowPartialManifests).
type chain struct {
	client *Client
	pages  []*page
	held   held
	seen   map[string]bool // where pages are
}

// manifest is what is known so far; nil for nothing.
func (ch *chain) manifest() *Manifest {
	if len(ch.pages) == 0 {
		return nil
	}
	m := manifest(ch.pages)
	return &m
}

// complete reports whether the last page is there.
func (ch *chain) complete() bool {
	n := len(ch.pages)
	return n > 0 && ch.pages[n-1].final && ch.pages[n-1].next == nil
}

// extend takes the status URL's answer and follows the links as far as they go.
func (ch *chain) extend(ctx context.Context, status answer) error {
	if status.page == nil {
		return nil
	}
	status.page.final = status.done
	switch len(ch.pages) {
	case 0:
		if err := ch.held.add(status.page); err != nil {
			return ch.failure(status.page.link.page, err)
		}
		ch.pages = []*page{status.page}
	case 1:
		ch.pages[0].update(status.page)
	default:
		if err := ch.refresh(ctx, status.done); err != nil {
			return err
		}
	}
	for last := ch.last(); last.next != nil; last = ch.last() {
		if err := ch.mayFollow(last.next); err != nil {
			return err
		}
		a, err := ch.client.ask(ctx, "read the manifest's next page at", last.next)
		if err != nil || a.page == nil {
			return err
		}
		if !a.page.transactionTime.Equal(ch.pages[0].transactionTime) {
			return ch.failure(last.next, errors.New("its transactionTime is not the first page's: start the export again"))
		}
		if err := ch.held.add(a.page); err != nil {
			return ch.failure(last.next, err)
		}
		a.page.final = status.done && a.done
		ch.pages, ch.seen[last.next.String()] = append(ch.pages, a.page), true
	}
	return nil
}

func (ch *chain) last() *page { return ch.pages[len(ch.pages)-1] }

// refresh asks for the last page again, which may have got a link since.
func (ch *chain) refresh(ctx context.Context, done bool) error {
	last := ch.last()
	if last.final || last.next != nil {
		return nil
	}
	a, err := ch.client.ask(ctx, "read the manifest's last page again at", last.link.page)
	if err != nil || a.page == nil {
		return err
	}
	a.page.final = done && a.done
	last.update(a.page)
	return nil
}

// update takes what may change of a page: its link, and whether that is final.
func (p *page) update(again *page) { p.next, p.final = again.next, again.final }

// mayFollow guards against links in a circle or without end.
func (ch *chain) mayFollow(next *url.URL) error {
	if ch.seen == nil {
		ch.seen = map[string]bool{ch.pages[0].link.page.String(): true}
	}
	if ch.seen[next.String()] {
		return ch.failure(next, errors.New("the manifest's pages are linked in a circle"))
	}
	return nil
}

func (ch *chain) failure(u *url.URL, err error) *Error {
	return &Error{Class: Data, Doing: "read the manifest's next page at", URL: redact.URL(u), Err: err}
}

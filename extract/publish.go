package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Publication is what a server publishes for everybody to fetch, instead of making
// exports (Bulk Data STU4, "Publish"): a snapshot and the updates after it, or only
// the updates after a page that is known.
type Publication struct {
	Whole bool // it begins with a snapshot of all
	// Output and Deleted are in the order in which they count. A later file may have a
	// later version of a resource: each has its own page's TransactionTime.
	Output, Deleted []File
	// Outcome are the files in which it says what it could not publish.
	Outcome []File
	// End is where it ends: the page that will have a link to the next update, or the
	// first page, which a new snapshot will replace.
	End PublishedPage
}

// PublishedPage is a page that was read, and where to look for more.
type PublishedPage struct {
	URL             string // its query may be a credential: not for logs
	ETag            string // "" where the server gives none
	TransactionTime time.Time
}

const publishPath = "/$bulk-publish"

// pending and closed stand for the link to the next page: there is none yet, or there
// will never be one, and a new snapshot is to be read.
const (
	pending = "#pending"
	closed  = "#closed"
)

// errClosed says that a page will have no more updates.
var errClosed = errors.New("the updates end here")

// Published reads what is published at the base URL, if end is zero, and else what was
// since. That is everything again where there is a new snapshot that replaces the
// pages up to end. Nothing new is a Publication without files, with the same End. The
// error is an *Error or the context's.
func (c *Client) Published(ctx context.Context, end PublishedPage) (Publication, error) {
	root := c.at(publishPath)
	if at, err := url.Parse(end.URL); err == nil && end.URL != "" && at.String() != root.String() {
		p, err := c.updates(ctx, at, end)
		failure, _ := errors.AsType[*Error](err)
		if !errors.Is(err, errClosed) && (failure == nil || failure.Class != Request) {
			return p, err
		}
		c.o.Logger.InfoContext(ctx, "the published updates end: read the new snapshot")
		end = PublishedPage{}
	}
	first, etag, err := c.publishedPage(ctx, root, end.ETag)
	if err != nil {
		return Publication{}, err
	}
	if first == nil || first.transactionTime.Equal(end.TransactionTime) {
		return Publication{End: end}, nil
	}
	p := Publication{Whole: true, End: PublishedPage{URL: root.String(), ETag: etag, TransactionTime: first.transactionTime}}
	err = c.follow(ctx, &p, first, etag)
	return p, err
}

// updates reads what follows a page that was the last one.
func (c *Client) updates(ctx context.Context, at *url.URL, end PublishedPage) (Publication, error) {
	last, _, err := c.publishedPage(ctx, at, end.ETag)
	switch {
	case err != nil:
		return Publication{}, err
	case last == nil || last.next == nil && last.mark == pending:
		return Publication{End: end}, nil
	case last.next == nil:
		return Publication{}, errClosed
	}
	next, etag, err := c.publishedPage(ctx, last.next, "")
	if err != nil {
		return Publication{}, err
	}
	p := Publication{End: PublishedPage{URL: c.at(publishPath).String()}}
	err = c.follow(ctx, &p, next, etag)
	return p, err
}

// follow adds a page and those that it links to. If the last one says that it will
// have a link, that is the publication's end.
func (c *Client) follow(ctx context.Context, p *Publication, page *page, etag string) error {
	seen, all := map[string]bool{}, held{}
	for {
		at := page.link.page
		seen[at.String()] = true
		if err := all.add(page); err != nil {
			return &Error{Class: Data, Doing: reading, URL: redact.URL(at), Err: err}
		}
		p.add(page)
		switch {
		case page.next == nil && page.mark == closed:
			return &Error{Class: Data, Doing: reading, URL: redact.URL(at), Err: errClosed, Advice: "the publisher is about to replace what it publishes: try again later"}
		case page.next == nil && page.mark == pending:
			p.End = PublishedPage{URL: at.String(), ETag: etag, TransactionTime: page.transactionTime}
			return nil
		case page.next == nil:
			return nil
		case seen[page.next.String()]:
			return &Error{Class: Data, Doing: reading, URL: redact.URL(page.next), Err: errors.New("the published pages are linked in a circle")}
		}
		var err error
		if page, etag, err = c.publishedPage(ctx, page.next, ""); err != nil {
			return err
		}
	}
}

func (p *Publication) add(page *page) {
	m := Manifest{TransactionTime: page.transactionTime, RequiresToken: page.requiresToken, OrganizedBy: page.organizedBy}
	p.Output = append(p.Output, page.files(Output, len(p.Output), m)...)
	p.Deleted = append(p.Deleted, page.files(Deleted, len(p.Deleted), m)...)
	p.Outcome = append(p.Outcome, page.files(Outcome, len(p.Outcome), m)...)
}

const reading = "read what is published at"

// publishedPage reads a page, unless it has the ETag still: then it is nil.
func (c *Client) publishedPage(ctx context.Context, at *url.URL, etag string) (*page, string, error) {
	call := call{doing: reading, method: http.MethodGet, url: at, header: accept("application/json")}
	if etag != "" {
		call.header.Set("If-None-Match", etag)
	}
	t := c.tries()
	for {
		p, now, failure := c.publishedOnce(ctx, call, t)
		if failure == nil {
			return p, now, nil
		}
		if err := c.retry(ctx, t, failure); err != nil {
			return nil, "", err
		}
	}
}

func (c *Client) publishedOnce(ctx context.Context, call call, t *tries) (*page, string, *Error) {
	res, failure := c.attempt(ctx, call, t)
	if failure != nil {
		return nil, "", failure
	}
	body, failure := call.readBody(res, maxManifestBytes)
	switch {
	case failure != nil:
		return nil, "", failure
	case res.StatusCode == http.StatusNotModified:
		return nil, "", nil
	}
	p, err := parsePage(body, call.url, res.Header.Get("Expires"))
	switch {
	case errors.Is(err, errNotManifest):
		return nil, "", call.dataFailure(res, body, "a manifest")
	case err != nil:
		return nil, "", &Error{Class: Data, Doing: call.doing, URL: redact.URL(call.url), Err: fmt.Errorf("the manifest: %w", err)}
	}
	return p, res.Header.Get("ETag"), nil
}

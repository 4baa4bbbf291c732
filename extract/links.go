package extract

import (
	"context"
	"net/url"
	"sync"
	"time"
)

// links are the URLs of one manifest page's files. They may expire; then the page
// is read again, and has new ones (Bulk Data, "File Request").
type links struct {
	page    *url.URL // where the manifest page is
	expires time.Time

	mu   sync.Mutex
	now  map[key]entry
	open bool // the export goes on: its polls read the page again, and nothing else does
}

func (l *links) get(k key) *url.URL {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now[k].url
}

// set takes the links of a page that was read again.
func (l *links) set(again *page, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now, l.expires, l.open = again.link.now, again.link.expires, open
}

// renew reads the page again, for all its files at once, unless that has been
// done since the caller got the link old. It reports whether there is another
// link now.
func (l *links) renew(ctx context.Context, c *Client, k key, old *url.URL) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now[k].url.String() != old.String() {
		return true, nil
	}
	if l.open {
		return false, nil
	}
	a, err := c.ask(ctx, "read the manifest again at", l.page)
	if err != nil {
		return false, err
	}
	if a.page == nil || !l.fits(a.page) {
		return false, nil
	}
	l.now = a.page.link.now
	return l.now[k].url.String() != old.String(), nil
}

// fits reports whether a page has the same files as before, by their number, place and
// what is said of them: a server that lists them again may sign them with other paths, but
// must not change a page (Bulk Data, "Response - Output Manifest").
func (l *links) fits(p *page) bool {
	for k, was := range l.now {
		if is, ok := p.link.now[k]; !ok || !was.same(is) {
			return false
		}
	}
	return len(l.now) == len(p.link.now)
}

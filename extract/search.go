package extract

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/lineage"
)

// maxBundleBytes is how large one page of a search may be.
const maxBundleBytes = 256 << 20

// Search is a paged search for the resources of a type (FHIR, "Search"): a second
// way in, for servers that have no export. It cannot tell what was deleted.
type Search struct {
	Type     string
	Since    time.Time // changed at this time or later; zero: ever
	Until    time.Time // changed before this time
	Count    int       // resources a page, at most
	Elements []string  // _elements; what comes is tagged SUBSETTED
	Filter   string    // more parameters, such as status=active; "" for none

	// Announced is told, after the last page, how many matches the server says that there
	// are (Bundle.total). Some servers only estimate. nil: nobody is.
	Announced func(total int64)
}

// query are the search's parameters.
func (s Search) query() (url.Values, error) {
	q, err := url.ParseQuery(s.Filter)
	if err != nil {
		return nil, errors.New("the filter is not a list of search parameters")
	}
	if !s.Since.IsZero() {
		q.Add("_lastUpdated", "ge"+s.Since.UTC().Format(time.RFC3339Nano))
	}
	if !s.Until.IsZero() {
		q.Add("_lastUpdated", "lt"+s.Until.UTC().Format(time.RFC3339Nano))
	}
	q.Set("_count", strconv.Itoa(s.Count))
	if len(s.Elements) > 0 {
		q.Set("_elements", strings.Join(s.Elements, ","))
	}
	return q, nil
}

// ServerTime is the time by the server's own clock, to the second; by this machine's
// where the server does not say.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	res, err := c.do(ctx, call{doing: "ask for the time of", method: http.MethodGet, url: c.at("/metadata"), header: accept("application/fhir+json")})
	if err != nil {
		return time.Time{}, err
	}
	if err := res.Body.Close(); err != nil {
		return time.Time{}, err
	}
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		return at.UTC(), nil
	}
	return time.Now().UTC().Truncate(time.Second), nil
}

// SearchPages yields what a search finds, a resource a line, in pages like those of a
// file. They begin at a mark that pages of the same search had, where the server
// still knows it, and else at the start. The error ends them; it is an *Error or the
// context's.
func (c *Client) SearchPages(ctx context.Context, s Search, from Mark, b *Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		found, err := c.search(ctx, s, from)
		if err != nil {
			yield(lineage.Page{}, err)
			return
		}
		for found.more() {
			if err := found.gather(); err != nil {
				yield(lineage.Page{}, err)
				return
			}
			if !found.pages(yield, b) {
				return
			}
		}
		found.end()
	}
}

package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/lineage"
)

var errCircle = errors.New("the pages of the search are linked in a circle")

// searched is a search on its way. Several pages of the server's, which may be
// small, are gathered into lines for pages of ours.
type searched struct {
	ctx    context.Context //nolint:containedctx // of the one search that this is
	client *Client
	search Search
	next   *url.URL              // page; nil after the last
	seen   map[string]bool       // links
	had    map[xxh3.Uint128]bool // pages, by the hash of their lines
	empty  int                   // pages in a row
	total  int64                 // matches, as the last page said that says it; -1 for none
	at     Position              // of lines
	lines  bytes.Buffer
	count  int // of lines
}

// search opens a search at a mark, or at its start.
func (c *Client) search(ctx context.Context, s Search, from Mark) (*searched, error) {
	q, err := s.query()
	if err != nil {
		return nil, &Error{Class: Request, Doing: "search " + s.Type, Err: err}
	}
	first := c.at("/" + s.Type)
	first.RawQuery = q.Encode()
	found := &searched{ctx: ctx, client: c, search: s, seen: map[string]bool{}, had: map[xxh3.Uint128]bool{}, total: -1, at: from.Position}
	if found.next, err = url.Parse(from.Token); err == nil && from.Token != "" {
		if err = found.ask(); err == nil {
			return found, nil
		}
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Class != Request {
			return nil, err
		}
	}
	found.next, found.at, found.seen, found.total = first, Start, map[string]bool{}, -1
	return found, found.ask()
}

// more reports whether there are lines, or pages to ask for.
func (s *searched) more() bool { return s.count > 0 || s.next != nil }

// gather asks for pages until there are enough lines.
func (s *searched) gather() error {
	for s.next != nil && s.count < lineage.MaxPageLines/2 && s.lines.Len() < lineage.MaxPageBytes/2 {
		if err := s.ask(); err != nil {
			return err
		}
	}
	return nil
}

// pages yields the lines. After the last page it can go on.
func (s *searched) pages(yield func(lineage.Page, error) bool, b *Buffers) bool {
	end := s.at.Offset + int64(s.lines.Len())
	for p, err := range NewPageReader(&s.lines, s.at, b).Pages() {
		s.at = After(p)
		if err == nil && s.at.Offset == end && s.next != nil {
			p.Token = s.next.String()
		}
		if !yield(p, err) || err != nil {
			return false
		}
	}
	s.count = 0
	return true
}

// ask reads the next page.
func (s *searched) ask() error {
	if s.seen[s.next.String()] {
		return s.failure(errCircle)
	}
	s.seen[s.next.String()] = true
	call := call{doing: "search " + s.search.Type + " at", method: http.MethodGet, url: s.next, header: accept("application/fhir+json")}
	t := s.client.tries()
	for {
		body, failure := s.askOnce(call, t)
		if failure == nil {
			return s.take(body)
		}
		if err := s.client.retry(s.ctx, t, failure); err != nil {
			return err
		}
	}
}

func (s *searched) askOnce(call call, t *tries) ([]byte, *Error) {
	res, failure := s.client.attempt(s.ctx, call, t)
	if failure != nil {
		return nil, failure
	}
	body, failure := call.readBody(res, maxBundleBytes)
	if failure != nil {
		return nil, failure
	}
	if !json.Valid(body) || gjson.GetBytes(body, "resourceType").Str != "Bundle" || gjson.GetBytes(body, "type").Str != "searchset" {
		return nil, call.dataFailure(res, body, "a Bundle of search results")
	}
	return body, s.complete(call, body)
}

var (
	errPartial = errors.New("the server says in an OperationOutcome that the page is not complete")
	errEntry   = errors.New("an entry of the page has no resource")
)

// complete reports why a page does not have all that it should: an issue that is an error
// says that some of what matches could not be had (FHIR, "Search", "Handling Errors").
func (s *searched) complete(call call, body []byte) *Error {
	e := &Error{Class: Data, Doing: call.doing, URL: redact.URL(call.url), again: true}
	tell := func(resource gjson.Result) {
		if isSerious(resource) {
			e.Err, e.Codes = errPartial, issueCodes([]byte(resource.Raw))
		}
	}
	tell(gjson.GetBytes(body, "issues")) // since R6
	gjson.GetBytes(body, "entry").ForEach(func(_, entry gjson.Result) bool {
		tell(entry.Get("resource"))
		tell(entry.Get("response.outcome"))
		if !entry.Get("resource").IsObject() && e.Err == nil {
			e.Err = errEntry
		}
		return true
	})
	if e.Err == nil {
		return nil
	}
	return e
}

// take takes the resources of a page, and its link to the next.
func (s *searched) take(body []byte) error {
	if total := gjson.GetBytes(body, "total"); total.Type == gjson.Number && total.Int() >= 0 {
		s.total = total.Int()
	}
	before := s.lines.Len()
	gjson.GetBytes(body, "entry").ForEach(func(_, entry gjson.Result) bool {
		resource := entry.Get("resource")
		switch {
		case resource.Get("resourceType").Str != s.search.Type:
			s.tell(resource) // what was included, or what the server has to say
		case bytes.ContainsAny([]byte(resource.Raw), "\r\n"):
			_ = json.Compact(&s.lines, []byte(resource.Raw)) // it is valid
			s.line()
		default:
			s.lines.WriteString(resource.Raw)
			s.line()
		}
		return true
	})
	if err := s.mayTake(s.lines.Bytes()[before:]); err != nil {
		return err
	}
	at := s.next
	s.next = nil
	next := gjson.GetBytes(body, `link.#(relation=="next").url`).Str
	if next == "" {
		return nil
	}
	u, err := resolve(at, next)
	if err != nil {
		return &Error{Class: Data, Doing: "search " + s.search.Type + " at", URL: redact.URL(at), Err: fmt.Errorf("the link to the next page: %w", err)}
	}
	s.next = u
	return nil
}

// maxEmptyPages is how many pages in a row may have nothing.
const maxEmptyPages = 1000

// mayTake guards against pages in a circle whose links are new each time.
func (s *searched) mayTake(lines []byte) error {
	if len(lines) == 0 {
		if s.empty++; s.empty > maxEmptyPages {
			return s.failure(fmt.Errorf("%w: more than %d pages without a match in a row", ErrTooLarge, maxEmptyPages))
		}
		return nil
	}
	sum := xxh3.Hash128(lines)
	if s.had[sum] {
		return s.failure(errCircle)
	}
	s.had[sum], s.empty = true, 0
	return nil
}

// end tells how many matches there should be, where the server said it.
func (s *searched) end() {
	if s.total >= 0 && s.search.Announced != nil {
		s.search.Announced(s.total)
	}
}

// line ends a line.
func (s *searched) line() {
	s.lines.WriteByte('\n')
	s.count++
}

// tell logs what the server says in a page, by its codes.
func (s *searched) tell(resource gjson.Result) {
	if resource.Get("resourceType").Str == "OperationOutcome" {
		s.client.o.Logger.WarnContext(s.ctx, "the server has something to say about a search", "type", s.search.Type, "issues", issueCodes([]byte(resource.Raw)))
	}
}

func (s *searched) failure(err error) *Error {
	return &Error{Class: Data, Doing: "search " + s.search.Type + " at", URL: redact.URL(s.next), Err: err}
}

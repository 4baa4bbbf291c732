package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/lineage"
)

// searched is a search on its way. Several pages of the server's, which may be
// small, are gathered into lines for pages of ours.
type searched struct {
	ctx    context.Context //nolint:containedctx // of the one search that this is
	client *Client
	search Search
	next   *url.URL // page; nil after the last
	seen   map[string]bool
	at     Position // of lines
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
	found := &searched{ctx: ctx, client: c, search: s, seen: map[string]bool{}, at: from.Position}
	if found.next, err = url.Parse(from.Token); err == nil && from.Token != "" {
		if err = found.ask(); err == nil {
			return found, nil
		}
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Class != Request {
			return nil, err
		}
	}
	found.next, found.at, found.seen = first, Start, map[string]bool{}
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

// pages yields the lines. The last page can be gone on behind.
func (s *searched) pages(yield func(lineage.Page, error) bool, b *Buffers) bool {
	end := s.at.Offset + int64(s.lines.Len())
	for r := NewPageReader(&s.lines, s.at, b); ; {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			s.count = 0
			return true
		}
		s.at = After(p)
		if err == nil && s.at.Offset == end && s.next != nil {
			p.Token = s.next.String()
		}
		if !yield(p, err) || err != nil {
			return false
		}
	}
}

// ask reads the next page.
func (s *searched) ask() error {
	if s.seen[s.next.String()] {
		return s.failure(errors.New("the pages of the search are linked in a circle"))
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
	return body, nil
}

// take takes the resources of a page, and its link to the next.
func (s *searched) take(body []byte) error {
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

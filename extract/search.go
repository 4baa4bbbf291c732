package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/extract/redact"
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
// file. The error ends them; it is an *Error or the context's.
func (c *Client) SearchPages(ctx context.Context, s Search, b *Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		q, err := s.query()
		if err != nil {
			yield(lineage.Page{}, &Error{Class: Request, Doing: "search " + s.Type, Err: err})
			return
		}
		first := c.at("/" + s.Type)
		first.RawQuery = q.Encode()
		found := &searchStream{ctx: ctx, client: c, search: s, next: first, seen: map[string]bool{}}
		for r := NewPageReader(found, Start, b); ; {
			p, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// searchStream is the resources that a search finds as NDJSON.
type searchStream struct {
	ctx    context.Context //nolint:containedctx // of the one search that the stream is
	client *Client
	search Search
	next   *url.URL // page; nil after the last
	seen   map[string]bool
	lines  []byte // not read yet
}

// Read implements io.Reader.
func (s *searchStream) Read(p []byte) (int, error) {
	for len(s.lines) == 0 {
		if s.next == nil {
			return 0, io.EOF
		}
		if err := s.ask(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.lines)
	s.lines = s.lines[n:]
	return n, nil
}

// ask reads the next page.
func (s *searchStream) ask() error {
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

func (s *searchStream) askOnce(call call, t *tries) ([]byte, *Error) {
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
func (s *searchStream) take(body []byte) error {
	var lines bytes.Buffer
	gjson.GetBytes(body, "entry").ForEach(func(_, entry gjson.Result) bool {
		resource := entry.Get("resource")
		switch {
		case resource.Get("resourceType").Str != s.search.Type:
			s.tell(resource) // what was included, or what the server has to say
		case bytes.ContainsAny([]byte(resource.Raw), "\r\n"):
			_ = json.Compact(&lines, []byte(resource.Raw)) // it is valid
			lines.WriteByte('\n')
		default:
			lines.WriteString(resource.Raw)
			lines.WriteByte('\n')
		}
		return true
	})
	s.lines = lines.Bytes()
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

// tell logs what the server says in a page, by its codes.
func (s *searchStream) tell(resource gjson.Result) {
	if resource.Get("resourceType").Str == "OperationOutcome" {
		s.client.o.Logger.WarnContext(s.ctx, "the server has something to say about a search", "type", s.search.Type, "issues", issueCodes([]byte(resource.Raw)))
	}
}

func (s *searchStream) failure(err error) *Error {
	return &Error{Class: Data, Doing: "search " + s.search.Type + " at", URL: redact.URL(s.next), Err: err}
}

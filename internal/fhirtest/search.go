package fhirtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"

	"github.com/tidwall/gjson"
)

const (
	defaultCount = 50
	maxCount     = 1000
)

var typeForm = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// cursor is where a page of a search begins: a source of the type and a place in it.
type cursor struct {
	source int
	offset int64
}

// search answers GET /[type] with a page of a searchset Bundle, for clients of
// servers that have no $export.
func (s *Server) search(w http.ResponseWriter, x *exchange) error {
	resourceType := x.PathValue("type")
	if !typeForm.MatchString(resourceType) {
		return refuse(http.StatusNotFound, "not-found", "there is no such resource type")
	}
	if !x.grant.scopes.exports(resourceType) {
		return refuse(http.StatusForbidden, "forbidden", "the token does not allow this resource type")
	}
	values, err := url.ParseQuery(x.URL.RawQuery)
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid", "the query cannot be decoded")
	}
	p, err := parsePage(values, s.options.PageMatches, preferencesOf(x.Header).lenient)
	if err != nil {
		return err
	}
	now, err := s.catalogue.read()
	if err != nil {
		return err
	}
	if err := p.fill(now.ofType(resourceType)); err != nil {
		return err
	}
	if s.options.Totals || x.fault.Total != 0 {
		if p.total, err = s.count(now, resourceType, p.query); err != nil {
			return err
		}
		p.total += x.fault.Total
	}
	writeJSON(w, http.StatusOK, "application/fhir+json", p.bundle(x, values))
	return nil
}

// page is one page of a search and how to go on.
type page struct {
	query query
	limit int
	from  cursor

	found [][]byte
	next  *cursor
	total int // matches of all pages; -1: not told
}

// count is how many resources match.
func (s *Server) count(now contents, resourceType string, q query) (n int, err error) {
	all := &page{query: q, limit: math.MaxInt}
	err = all.fill(now.ofType(resourceType))
	return len(all.found), err
}

func parsePage(values url.Values, most int, lenient bool) (*page, error) {
	p := &page{limit: min(defaultCount, most), total: -1}
	criteria := url.Values{}
	for name, got := range values {
		switch name {
		case "_count":
			n, err := strconv.Atoi(got[0])
			if err != nil || n < 1 {
				return nil, refuse(http.StatusBadRequest, "value", "_count is not a positive number")
			}
			p.limit = min(n, most)
		case "_page":
			if err := p.from.parse(got[0]); err != nil {
				return nil, refuse(http.StatusBadRequest, "value", "_page is not from a next link")
			}
		default:
			criteria[name] = got
		}
	}
	q, unknown, err := parseQuery(criteria)
	if err == nil && len(unknown) > 0 && !lenient {
		err = refuse(http.StatusBadRequest, "not-supported", "a search parameter is not supported")
	}
	p.query = q
	return p, err
}

// fill reads resources until the page is full.
func (p *page) fill(sources []source) error {
	for at := p.from; at.source < len(sources); at = (cursor{source: at.source + 1}) {
		if err := p.read(sources[at.source], at); err != nil || p.next != nil {
			return err
		}
	}
	return nil
}

func (p *page) read(src source, at cursor) error {
	f, err := os.Open(src.path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for line, err := range lines(io.NewSectionReader(f, at.offset, src.size-at.offset)) {
		if err != nil {
			return err
		}
		if !blank(line) && gjson.ValidBytes(line) && p.query.matches(line) {
			if len(p.found) == p.limit {
				p.next = &at
				return nil
			}
			p.found = append(p.found, append([]byte{}, line...))
		}
		at.offset += int64(len(line))
	}
	return nil
}

func (p *page) bundle(x *exchange, values url.Values) object {
	links := []any{object{"relation": "self", "url": x.base() + x.URL.RequestURI()}}
	if p.next != nil && !x.fault.Loop {
		values.Set("_page", p.next.String())
		links = append(links, object{"relation": "next", "url": x.base() + x.URL.Path + "?" + values.Encode()})
	}
	entries := []any{}
	if x.fault.Loop {
		values.Del("_page")
		links = append(links, object{"relation": "next", "url": x.base() + x.URL.Path + "?" + values.Encode()})
	}
	missing := min(x.fault.Missing, len(p.found))
	if x.fault.Outcome != "" {
		missing = min(1, len(p.found))
		entries = append(entries, object{"resource": outcome(x.fault.Outcome, "incomplete", "some of what matches could not be had"), "search": object{"mode": "outcome"}})
	}
	for _, line := range p.found[:len(p.found)-missing] {
		entries = append(entries, object{
			"fullUrl":  x.base() + x.URL.Path + "/" + gjson.GetBytes(line, "id").String(),
			"resource": json.RawMessage(line),
			"search":   object{"mode": "match"},
		})
	}
	bundle := object{"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}
	if p.total >= 0 {
		bundle["total"] = p.total
	}
	return bundle
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", c.source, c.offset))
}

func (c *cursor) parse(text string) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscanf(string(raw), "%d.%d", &c.source, &c.offset); err != nil {
		return err
	}
	if c.source < 0 || c.offset < 0 {
		return fmt.Errorf("the cursor is negative")
	}
	return nil
}

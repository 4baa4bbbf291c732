package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

const (
	maxManifestBytes = 64 << 20 // one page
	maxManifestPages = 10_000
)

// page is one page of a manifest as it was read at one time.
type page struct {
	transactionTime time.Time
	requiresToken   bool
	outputFormat    string
	organizedBy     string
	entries         map[Kind][]entry
	next            *url.URL // nil: none, or not yet
	mark            string   // what a published page has instead: pending or closed; "" for nothing
	link            *links
	final           bool // it was read when all was done, and changes no more
}

// entry is a file as a page lists it.
type entry struct {
	kind  string // resource type
	url   *url.URL
	count int64
	size  int64
}

// manifestJSON is a page on the wire, STU1 to STU4. Only what is used is read,
// and as tolerantly as it can be: servers differ in all the rest.
type manifestJSON struct {
	TransactionTime     *string     `json:"transactionTime"`
	RequiresAccessToken truth       `json:"requiresAccessToken"`
	OutputFormat        string      `json:"outputFormat"`
	OutputOrganizedBy   string      `json:"outputOrganizedBy"`
	Output              []entryJSON `json:"output"`
	Deleted             []entryJSON `json:"deleted"`
	Outcome             []entryJSON `json:"outcome"`
	Error               []entryJSON `json:"error"` // before STU4
	Link                []struct{ Relation, URL string }
}

type entryJSON struct {
	Type     string
	URL      string
	Count    number
	FileSize number
}

// truth is a boolean that some servers send as a string.
type truth bool

// UnmarshalJSON implements json.Unmarshaler.
func (t *truth) UnmarshalJSON(raw []byte) error {
	*t = string(bytes.Trim(raw, `"`)) == "true"
	return nil
}

// number is a count that is only a hint: whatever cannot be read as one is none.
type number struct{ n *int64 }

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(raw []byte) error {
	if v, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64); err == nil && v >= 0 {
		n.n = &v
	}
	return nil
}

func (n number) orNone() int64 {
	if n.n == nil {
		return -1
	}
	return *n.n
}

// errNotManifest says that a body is something else.
var errNotManifest = errors.New("not a manifest")

// parsePage reads a manifest page that was found at where. The error never quotes
// the body.
func parsePage(body []byte, where *url.URL, expires string) (*page, error) {
	var j manifestJSON
	if err := json.Unmarshal(body, &j); err != nil || j.TransactionTime == nil {
		return nil, errNotManifest
	}
	at, ok := parseInstant(*j.TransactionTime)
	if !ok {
		return nil, errors.New("the manifest's transactionTime is not an instant")
	}
	p := &page{
		transactionTime: at, requiresToken: bool(j.RequiresAccessToken), outputFormat: j.OutputFormat, organizedBy: j.OutputOrganizedBy,
		entries: map[Kind][]entry{}, link: &links{page: where, now: map[key]*url.URL{}},
	}
	p.link.expires, _ = parseInstant(expires)
	err := errors.Join(p.add(Output, j.Output), p.add(Deleted, j.Deleted), p.add(Outcome, append(j.Outcome, j.Error...)))
	for _, l := range j.Link {
		switch {
		case l.Relation != "next" || err != nil:
		case l.URL == pending || l.URL == closed:
			p.mark = l.URL
		default:
			p.next, err = resolve(where, l.URL)
		}
	}
	return p, err
}

func (p *page) add(kind Kind, list []entryJSON) error {
	for i, e := range list {
		u, err := resolve(p.link.page, e.URL)
		if err != nil {
			return fmt.Errorf("the manifest's %s %d: %w", kind, i+1, err)
		}
		p.entries[kind] = append(p.entries[kind], entry{kind: e.Type, url: u, count: e.Count.orNone(), size: e.FileSize.orNone()})
		p.link.now[key{kind, i}] = u
	}
	return nil
}

// resolve makes a manifest's URL absolute. The specification wants it so already.
func resolve(base *url.URL, text string) (*url.URL, error) {
	u, err := base.Parse(text)
	if err != nil || text == "" || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("its URL is not one")
	}
	return u, nil
}

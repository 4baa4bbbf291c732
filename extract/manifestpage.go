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
	maxAllBytes      = 256 << 20 // all pages
	maxAllFiles      = 500_000   // of all pages, which take more memory than their text
)

// held is what the pages of a manifest hold together.
type held struct{ pages, bytes, files int }

// size is what one page holds.
func (p *page) size() held {
	h := held{pages: 1, bytes: p.bytes}
	for _, list := range p.entries {
		h.files += len(list)
	}
	return h
}

// add counts a page in. The error is ErrTooLarge.
func (h *held) add(p *page) error { return h.grow(p.size(), held{}) }

// grow counts in what a page holds now, and no longer what it held before. The error is
// ErrTooLarge.
func (h *held) grow(now, before held) error {
	h.pages, h.bytes, h.files = h.pages+now.pages-before.pages, h.bytes+now.bytes-before.bytes, h.files+now.files-before.files
	switch {
	case h.pages > maxManifestPages:
		return fmt.Errorf("%w: more than %d pages", ErrTooLarge, maxManifestPages)
	case h.bytes > maxAllBytes:
		return fmt.Errorf("%w: more than %d MiB of pages", ErrTooLarge, maxAllBytes>>20)
	case h.files > maxAllFiles:
		return fmt.Errorf("%w: more than %d files", ErrTooLarge, maxAllFiles)
	}
	return nil
}

// firstYear and lastYear bound what can be a transactionTime: before there was FHIR it
// is a date that nobody set, such as 0001-01-01 or 1970-01-01, and beyond the years of
// ClickHouse's DateTime64 one that stands for no end.
const (
	firstYear = 1990
	lastYear  = 2299
)

// page is one page of a manifest as it was read at one time.
type page struct {
	transactionTime time.Time
	served          time.Time // the server's clock when it sent the page; zero where it does not say
	requiresToken   bool
	outputFormat    string
	organizedBy     string
	entries         map[Kind][]entry
	next            *url.URL // nil: none, or not yet
	mark            string   // what a published page has instead: pending or closed; "" for nothing
	link            *links
	bytes           int  // of its text
	final           bool // it was read when all was done, and changes no more
}

// entry is a file as a page lists it.
type entry struct {
	kind  string // resource type
	url   *url.URL
	count int64
	size  int64
}

// same reports whether two entries are of the same file, as far as they say: its link may
// be another, since links expire.
func (e entry) same(o entry) bool { return e.kind == o.kind && e.count == o.count && e.size == o.size }

// renew takes what may change of a page: its link, which it may get, and the links of its
// files, which expire. The last page's lists may also grow, since some servers add files
// there. The error is ErrOtherManifest where something else changed: which of the two is
// right nobody knows.
func (p *page) renew(again *page, isLast bool) error {
	for _, kind := range []Kind{Output, Deleted, Outcome} {
		was, is := p.entries[kind], again.entries[kind]
		switch {
		case len(is) < len(was):
			return fmt.Errorf("%w: of its %d %s files %d are missing", ErrOtherManifest, len(was), kind, len(was)-len(is))
		case len(is) > len(was) && !isLast:
			return fmt.Errorf("%w: a page that others follow has more %s files", ErrOtherManifest, kind)
		}
		for i := range was {
			if !was[i].same(is[i]) {
				return fmt.Errorf("%w: its %s file %d has another type, count or size", ErrOtherManifest, kind, i+1)
			}
		}
	}
	if p.requiresToken != again.requiresToken || p.organizedBy != again.organizedBy || p.outputFormat != again.outputFormat {
		return fmt.Errorf("%w: its files are to be read in another way", ErrOtherManifest)
	}
	if p.next != nil && again.next == nil {
		return fmt.Errorf("%w: it no longer links to its next page", ErrOtherManifest)
	}
	p.entries, p.bytes, p.served, p.next, p.final = again.entries, again.bytes, again.served, again.next, again.final
	p.link.set(again, !again.final)
	return nil
}

// manifestJSON is a page on the wire, STU1 to STU4. Only what is used is read,
// and as tolerantly as it can be: servers differ in all the rest.
type manifestJSON struct {
	TransactionTime     *string     `json:"transactionTime"`
	RequiresAccessToken truth       `json:"requiresAccessToken"`
	OutputFormat        string      `json:"outputFormat"`
	OutputOrganizedBy   string      `json:"outputOrganizedBy"`
	Output              required    `json:"output"`
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

// required is a list that must be there. Some servers write null for an empty one.
type required struct {
	given   bool
	entries []entryJSON
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *required) UnmarshalJSON(raw []byte) error {
	r.given = true
	return json.Unmarshal(raw, &r.entries)
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

var (
	// errNotManifest says that a body is something else.
	errNotManifest = errors.New("not a manifest")
	// errNoOutput says that a manifest does not list what was exported, be it nothing
	// (Bulk Data, "Response - Output Manifest": output is required).
	errNoOutput = errors.New("the manifest has no output, which it must have even where nothing was exported: it shows nothing of the export")
)

// parsePage reads a manifest page that was found at where. The error never quotes
// the body.
func parsePage(body []byte, where *url.URL, expires string) (*page, error) {
	var j manifestJSON
	if err := json.Unmarshal(body, &j); err != nil || j.TransactionTime == nil {
		return nil, errNotManifest
	}
	at, ok := parseInstant(*j.TransactionTime)
	switch {
	case !ok:
		return nil, errors.New("the manifest's transactionTime is not an instant")
	case !j.Output.given:
		return nil, errNoOutput
	case at.Year() < firstYear || at.Year() > lastYear:
		return nil, fmt.Errorf("the manifest's transactionTime is of the year %d: it is not set", at.Year())
	}
	p := &page{
		bytes: len(body), transactionTime: at, requiresToken: bool(j.RequiresAccessToken), outputFormat: j.OutputFormat, organizedBy: j.OutputOrganizedBy,
		entries: map[Kind][]entry{}, link: &links{page: where, now: map[key]entry{}},
	}
	p.link.expires, _ = parseInstant(expires)
	err := errors.Join(p.add(Output, j.Output.entries), p.add(Deleted, j.Deleted), p.add(Outcome, append(j.Outcome, j.Error...)))
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
		listed := entry{kind: e.Type, url: u, count: e.Count.orNone(), size: e.FileSize.orNone()}
		p.entries[kind] = append(p.entries[kind], listed)
		p.link.now[key{kind, i}] = listed
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

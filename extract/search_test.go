package extract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/lineage"
)

// found runs a search and gives its lines.
func found(t *testing.T, c *Client, s Search) (string, error) {
	t.Helper()
	var out strings.Builder
	b := NewBuffers(2)
	for p, err := range c.SearchPages(t.Context(), s, Mark{}, b) {
		if err != nil {
			return out.String(), err
		}
		out.Write(p.Data)
		b.Put(p)
	}
	return out.String(), nil
}

// bundle is a page of a search.
func bundle(next string, entries ...string) string {
	link := ""
	if next != "" {
		link = fmt.Sprintf(`,{"relation":"next","url":%q}`, next)
	}
	return `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"x"}` + link + `],"entry":[` + strings.Join(entries, ",") + `]}`
}

func match(resource string) string {
	return `{"fullUrl":"x","resource":` + resource + `,"search":{"mode":"match"}}`
}

func TestSearchFollowsItsPages(t *testing.T) {
	const a, c = `{"resourceType":"Claim","id":"a","n":1.10}`, `{"resourceType":"Claim","id":"c"}`
	asked := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch page := r.URL.Query().Get("page"); {
		case asked == 2:
			text(w, 503, "")
		case page == "":
			q := r.URL.Query()
			if got := strings.Join(q["_lastUpdated"], " "); got != "ge2026-01-01T00:00:00Z lt2026-02-01T00:00:00.5Z" || q.Get("_count") != "7" || q.Get("status") != "active" || q.Get("_elements") != "item,total" {
				t.Errorf("asked with %v", q)
			}
			text(w, 200, bundle(base+"/Claim?page=2", match(a), match("{\n  \"resourceType\": \"Claim\",\n  \"id\": \"b\",\n  \"n\": 1.10\n}")))
		case page == "2":
			text(w, 200, bundle("?page=3", match(`{"resourceType":"OperationOutcome","issue":[{"code":"informational","diagnostics":"SECRET"}]}`), match(`{"resourceType":"Patient","id":"included"}`)))
		default:
			text(w, 200, bundle("", match(c)))
		}
	})
	bubble(t, h, func(t *testing.T, client *Client) {
		got, err := found(t, client, Search{
			Type: "Claim", Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 2, 1, 0, 0, 0, 5e8, time.UTC),
			Count: 7, Elements: []string{"item", "total"}, Filter: "status=active",
		})
		if want := a + "\n" + `{"resourceType":"Claim","id":"b","n":1.10}` + "\n" + c + "\n"; got != want || err != nil {
			t.Errorf("%v:\n%swant:\n%s", err, got, want)
		}
	})
}

// A search goes on at the link that its last durable page had, or begins again where
// the server has forgotten it.
func TestSearchFromAMark(t *testing.T) {
	claims := func(from, n int) (entries []string) {
		for i := range n {
			entries = append(entries, match(fmt.Sprintf(`{"resourceType":"Claim","id":"%05d"}`, from+i)))
		}
		return entries
	}
	const size = lineage.MaxPageLines / 2
	for name, tc := range map[string]struct {
		forgotten bool
		want      []string // pages asked for the second time
	}{
		"the link is known":     {false, []string{"2"}},
		"the link is forgotten": {true, []string{"2", "", "1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			forgotten := false
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				page := r.URL.Query().Get("page")
				asked = append(asked, page)
				switch {
				case page == "2" && forgotten:
					forgotten = false
					text(w, 410, "")
				case page == "":
					text(w, 200, bundle(base+"/Claim?page=1", claims(0, size/2)...))
				case page == "1":
					text(w, 200, bundle(base+"/Claim?page=2", claims(size/2, size)...))
				default:
					text(w, 200, bundle("", claims(size+size/2, 3)...))
				}
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				search := Search{Type: "Claim", Count: size}
				read := func(from Mark) (marks []Mark, last Position) {
					for p, err := range c.SearchPages(t.Context(), search, from, NewBuffers(1)) {
						if err != nil {
							t.Fatal(err)
						}
						last = After(p)
						marks = append(marks, Mark{last, p.Token})
					}
					return marks, last
				}
				marks, end := read(Mark{})
				if len(marks) != 2 || marks[0].Token != base+"/Claim?page=2" || marks[0].Line != size+size/2+1 || marks[1].Token != "" {
					t.Fatalf("marks %+v", marks)
				}
				asked, forgotten = nil, tc.forgotten
				if _, again := read(marks[0]); again != end || !slices.Equal(asked, tc.want) {
					t.Errorf("asked for %q, ended at %+v instead of %+v", asked, again, end)
				}
			})
		})
	}
}

const claim = `{"resourceType":"Claim","id":"SECRET"}`

// circling gives the same page over and over, each time with another link.
func circling(page func(next string, entries ...string) string, entries ...string) func(http.ResponseWriter, *http.Request) {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		n++
		text(w, 200, page(fmt.Sprintf("%s/Claim?page=%d", base, n), entries...))
	}
}

// A page that the server could not complete is asked for again.
func TestSearchPageThatIsCompleteTheSecondTime(t *testing.T) {
	partial := bundle("", match(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"timeout"}]}`))
	bubble(t, inTurn(send(200, partial), send(200, bundle("", match(claim)))), func(t *testing.T, c *Client) {
		if got, err := found(t, c, Search{Type: "Claim", Count: 10}); err != nil || got != claim+"\n" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// How many matches there are says the last page that says it: resources may be deleted
// while the pages are read, and some servers count each page.
func TestSearchTellsItsTotal(t *testing.T) {
	total := func(page string, n int) string { return strings.TrimSuffix(page, "}") + fmt.Sprintf(`,"total":%d}`, n) }
	first, last := bundle(base+"/Claim?page=2", match(claim)), bundle("", match(`{"resourceType":"Claim","id":"2"}`))
	for name, tc := range map[string]struct {
		first, last string
		want        int64
	}{
		"no total":             {first, last, -1},
		"on each page":         {total(first, 2), total(last, 2), 2},
		"on the first only":    {total(first, 2), last, 2},
		"fewer at the end":     {total(first, 3), total(last, 2), 2},
		"one that is no total": {total(first, -1), last, -1},
	} {
		bubble(t, inTurn(send(200, tc.first), send(200, tc.last)), func(t *testing.T, c *Client) {
			got := int64(-1)
			if _, err := found(t, c, Search{Type: "Claim", Count: 10, Announced: func(n int64) { got = n }}); err != nil || got != tc.want {
				t.Errorf("%s: %d, %v", name, got, err)
			}
		})
	}
}

func TestSearchesThatFail(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"an HTML page":                      {says(200, "text/html", login), "not a Bundle of search results but HTML"},
		"another resource":                  {says(200, "application/json", `{"resourceType":"Patient","id":"SECRET"}`), "not a Bundle of search results"},
		"another Bundle":                    {says(200, "application/json", `{"resourceType":"Bundle","type":"collection"}`), "not a Bundle of search results"},
		"broken JSON":                       {says(200, "application/json", bundle("", "SECRET")), "no JSON"},
		"pages in a circle":                 {says(200, "application/json", bundle(base+"/Claim?page=1")), "linked in a circle"},
		"a link elsewhere":                  {says(200, "application/json", bundle("file:///etc/SECRET")), "the link to the next page: its URL is not one"},
		"refused":                           {says(403, "application/json", "SECRET"), "403"},
		"a part":                            {says(206, "application/json", bundle("")), "a part, which was not asked for"},
		"an error among the matches":        {says(200, "application/json", bundle("", match(claim), match(`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"informational"},{"severity":"error","code":"timeout","diagnostics":"SECRET"}]}`))), "issue timeout: the server says in an OperationOutcome that the page is not complete"},
		"a fatal one":                       {says(200, "application/json", bundle("", match(`{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"SECRET"}]}`))), "not complete"},
		"issues, as since R6":               {says(200, "application/json", strings.TrimSuffix(bundle(""), "}")+`,"issues":{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}}`), "not complete"},
		"an entry with nothing":             {says(200, "application/json", bundle("", match(claim), `{"fullUrl":"x","search":{"mode":"match"}}`)), "an entry of the page has no resource"},
		"pages in a circle, with new links": {circling(bundle, match(claim)), "linked in a circle"},
		"empty pages without end":           {circling(bundle), "pages without a match in a row"},
		"a body without end":                {endless(strings.Repeat(" ", 1<<20)), "larger than allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, http.HandlerFunc(tc.answer), func(t *testing.T, c *Client) {
				_, err := found(t, c, Search{Type: "Claim", Count: 10})
				hostile{want: tc.want}.check(t, err)
			})
		})
	}
	bubble(t, http.NotFoundHandler(), func(t *testing.T, c *Client) {
		failure, ok := errors.AsType[*Error](func() error { _, err := found(t, c, Search{Type: "Claim", Filter: "%zz"}); return err }())
		if !ok || failure.Class != Request {
			t.Errorf("a filter that is none: %v", failure)
		}
	})
}

func TestTokenDoesNotFollowALinkElsewhere(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own := r.Host == "fhir.example.org"; own != (r.Header.Get("Authorization") != "") {
			t.Errorf("%s saw %q", r.Host, r.Header.Get("Authorization"))
		}
		next := ""
		if r.Host == "fhir.example.org" {
			next = "http://other.example.org/next"
		}
		text(w, 200, bundle(next))
	})
	bubble(t, h, func(t *testing.T, c *Client) {
		if _, err := found(t, c, Search{Type: "Claim", Count: 10}); err != nil {
			t.Error(err)
		}
	}, withTokens(&numbered{}))
}

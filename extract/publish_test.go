package extract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// publisher is a static site: pages by path, each with its ETag.
type publisher struct {
	pages map[string]string
	asked []string // paths, with "304" where the page was as before
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/r4/")
	body, ok := p.pages[path]
	etag := fmt.Sprintf(`"%d-%d"`, len(body), strings.Count(body, "1"))
	switch {
	case !ok:
		p.asked = append(p.asked, path+" 404")
		text(w, 404, "")
	case r.Header.Get("If-None-Match") == etag:
		p.asked = append(p.asked, path+" 304")
		w.WriteHeader(http.StatusNotModified)
	default:
		p.asked = append(p.asked, path)
		w.Header().Set("ETag", etag)
		text(w, 200, body)
	}
}

// publishedOn is a page of a day in January with files, and a link unless that is "".
func publishedOn(day int, link string, files ...string) string {
	var output, deleted []string
	for _, f := range files {
		if strings.HasPrefix(f, "deleted") {
			deleted = append(deleted, fmt.Sprintf(`{"url":"%s/%s"}`, base, f))
		} else {
			output = append(output, fmt.Sprintf(`{"type":"Organization","url":"%s/%s"}`, base, f))
		}
	}
	next := ""
	if strings.HasPrefix(link, "#") {
		next = fmt.Sprintf(`{"relation":"next","url":%q}`, link)
	} else if link != "" {
		next = fmt.Sprintf(`{"relation":"next","url":"%s/%s"}`, base, link)
	}
	return fmt.Sprintf(`{"transactionTime":"2026-01-%02dT00:00:00Z","requiresAccessToken":false,"output":[%s],"deleted":[%s],"link":[%s]}`,
		day, strings.Join(output, ","), strings.Join(deleted, ","), next)
}

func names(files []File) (list []string) {
	for _, f := range files {
		list = append(list, f.ID+" "+f.Name[len(base)+1:]+f.TransactionTime.Format(" 02"))
	}
	return list
}

// What a server publishes is read as the specification's consumer does: the snapshot
// and its updates, then only updates, until a new snapshot replaces all.
func TestPublished(t *testing.T) {
	const root = "$bulk-publish"
	site := &publisher{pages: map[string]string{root: publishedOn(1, "chain", "o1", "o2"), "chain": publishedOn(1, "#pending")}}
	steps := []struct {
		name   string
		change map[string]string
		want   []string // files
		asked  []string
		whole  bool
	}{
		{"a snapshot", nil, []string{"output-000001 o1 01", "output-000002 o2 01"}, []string{root, "chain"}, true},
		{"nothing new", nil, nil, []string{"chain 304"}, false},
		{"the page is rewritten and says the same", map[string]string{"chain": publishedOn(1, "#pending") + " "}, nil, []string{"chain"}, false},
		{"an update", map[string]string{"chain": publishedOn(1, "w1"), "w1": publishedOn(8, "#pending", "o3", "deleted1")},
			[]string{"output-000001 o3 08", "deleted-000001 deleted1 08"}, []string{"chain", "w1"}, false},
		{"two updates, one in pages", map[string]string{"w1": publishedOn(8, "w2", "o3", "deleted1"), "w2": publishedOn(15, "w3", "o4"), "w3": publishedOn(15, "w4", "o5", "deleted2"), "w4": publishedOn(22, "#pending", "deleted3")},
			[]string{"output-000001 o4 15", "output-000002 o5 15", "deleted-000001 deleted2 15", "deleted-000002 deleted3 22"}, []string{"w1", "w2", "w3", "w4"}, false},
		{"a new snapshot, and the old chain is closed", map[string]string{"w4": publishedOn(22, "#closed", "deleted3"), root: publishedOn(28, "", "o6")},
			[]string{"output-000001 o6 28"}, []string{"w4", root}, true},
		{"nothing new where the snapshot has no chain", nil, nil, []string{root + " 304"}, false},
		{"another snapshot where the old was", map[string]string{root: publishedOn(29, "p2", "o7"), "p2": publishedOn(29, "", "o8")},
			[]string{"output-000001 o7 29", "output-000002 o8 29"}, []string{root, "p2"}, true},
		{"a snapshot with a chain", map[string]string{root: publishedOn(30, "chain2", "o9"), "chain2": publishedOn(30, "#pending")},
			[]string{"output-000001 o9 30"}, []string{root, "chain2"}, true},
		{"the page is gone", map[string]string{"chain2": ""}, []string{"output-000001 o9 30"}, []string{"chain2 404", root, "chain3"}, true},
	}
	bubble(t, site, func(t *testing.T, c *Client) {
		var end PublishedPage
		for _, step := range steps {
			for path, body := range step.change {
				if site.pages[path] = body; body == "" {
					delete(site.pages, path)
					site.pages[root], site.pages["chain3"] = publishedOn(30, "chain3", "o9"), publishedOn(30, "#pending")
				}
			}
			site.asked = nil
			p, err := c.Published(t.Context(), end)
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := append(names(p.Output), names(p.Deleted)...); !slices.Equal(got, step.want) || p.Whole != step.whole || !slices.Equal(site.asked, step.asked) {
				t.Errorf("%s: %q, whole %t, asked for %q", step.name, got, p.Whole, site.asked)
			}
			end = p.End
		}
	})
}

func TestPublishedPagesThatCannotBeUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		pages map[string]string
		end   PublishedPage
		want  string
	}{
		"nothing is published":           {nil, PublishedPage{}, "404"},
		"a login page":                   {map[string]string{"$bulk-publish": "<html>Jane</html>"}, PublishedPage{}, "HTML"},
		"no transactionTime that is one": {map[string]string{"$bulk-publish": `{"transactionTime":"soon"}`}, PublishedPage{}, "transactionTime is not an instant"},
		"pages in a circle":              {map[string]string{"$bulk-publish": publishedOn(1, "a"), "a": publishedOn(1, "b"), "b": publishedOn(1, "a")}, PublishedPage{}, "circle"},
		"a new snapshot that is closed":  {map[string]string{"$bulk-publish": publishedOn(1, "#closed")}, PublishedPage{}, "try again later"},
		"a link that is none":            {map[string]string{"$bulk-publish": strings.Replace(publishedOn(1, "a"), base+"/a", "file:///etc/passwd", 1)}, PublishedPage{}, "not one"},
		"a page that lost its update":    {map[string]string{"a": publishedOn(1, "b")}, PublishedPage{URL: base + "/a", TransactionTime: time.Unix(0, 0)}, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &publisher{pages: tc.pages}, func(t *testing.T, c *Client) {
				_, err := c.Published(t.Context(), tc.end)
				if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "Jane") {
					t.Errorf("error %v, want %q", err, tc.want)
				}
			})
		})
	}
}

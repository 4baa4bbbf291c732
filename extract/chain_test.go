package extract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// partialServer makes an export whose manifest grows while it runs, as Bulk Data says: a
// page that was seen changes only by a link.
type partialServer struct {
	pages   [][]string // files of each page, by name
	ready   []int      // of each request, how many pages are ready; the last one from then on
	static  bool       // pages are 200 from the start, as of a store
	cleared int        // requests that were answered
	reads   []string   // all requests
}

func (s *partialServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := 1
	_, _ = fmt.Sscanf(r.URL.RawQuery, "page=%d", &at)
	ready := s.ready[min(s.cleared, len(s.ready)-1)]
	s.cleared++
	s.reads = append(s.reads, fmt.Sprint(at))
	done := ready == len(s.pages)
	status := http.StatusAccepted
	if done || s.static && at > 1 {
		status = http.StatusOK
	}
	if at > ready {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	next := ""
	if at < ready {
		next = fmt.Sprintf("%s/status?page=%d", base, at+1)
	}
	reply{status: status, body: manifestOf(next, s.pages[at-1]...)}.write(w)
}

// Whatever the server's pace, all files of the manifest come, in order, each page that is
// known stays, and no poll sends more than one request while the export runs.
func TestPartialManifestsComeWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &partialServer{static: rapid.Bool().Draw(rt, "static")}
		var want []string
		for p := range rapid.IntRange(1, 5).Draw(rt, "pages") {
			var files []string
			for f := range rapid.IntRange(0, 3).Draw(rt, "files") {
				files = append(files, fmt.Sprintf("%d-%d", p, f))
			}
			s.pages, want = append(s.pages, files), append(want, files...)
		}
		n := 0
		for n < len(s.pages) {
			n = min(len(s.pages), n+rapid.IntRange(0, 2).Draw(rt, "more"))
			s.ready = append(s.ready, n)
		}
		bubble(t, s, func(t *testing.T, c *Client) {
			var seen []string
			requests := 0
			m, err := c.Wait(t.Context(), Job{StatusURL: base + "/status", Started: time.Now()}, 24*time.Hour, Watch{
				Partial: true,
				Asking:  func(Pace) error { requests = len(s.reads); return nil },
				Progress: func(p Progress) error {
					if sent := len(s.reads) - requests; sent > 1 && s.ready[min(s.cleared, len(s.ready))-1] < len(s.pages) {
						rt.Errorf("a poll of an export that runs sent %d requests: %v", sent, s.reads)
					}
					if p.Manifest == nil {
						return nil
					}
					if now := outputNames(*p.Manifest); len(now) < len(seen) || !slices.Equal(now[:len(seen)], seen) {
						rt.Errorf("%v were known, now %v are", seen, now)
					} else {
						seen = now
					}
					return nil
				},
			})
			if got := outputNames(m); err != nil || !m.Complete || !slices.Equal(got, want) {
				rt.Errorf("%v, want %v, after %v: %v", got, want, s.reads, err)
			}
		})
	})
}

func outputNames(m Manifest) (all []string) {
	for i, f := range m.Output {
		if f.ID != fmt.Sprintf("output-%06d", i+1) {
			all = append(all, "id "+f.ID)
		}
		all = append(all, f.Name[strings.LastIndex(f.Name, "/")+1:])
	}
	return all
}

// A manifest that is another when it is read again is refused, unless it has only got what
// it may.
func TestManifestThatChanges(t *testing.T) {
	file := func(name, more string) string {
		return fmt.Sprintf(`{"type":"Claim","url":"https://h/%s"%s}`, name, more)
	}
	page := func(head, link string, files ...string) string {
		return fmt.Sprintf(`{"transactionTime":"2026-01-02T03:04:05Z","requiresAccessToken":false,%s"output":[%s]%s}`, head, strings.Join(files, ","), link)
	}
	link := fmt.Sprintf(`,"link":[{"relation":"next","url":"%s/status?page=2"}]`, base)
	first := page("", "", file("1", ""), file("2", `,"count":7`))
	for name, tc := range map[string]struct {
		again string
		files int // 0: refused
	}{
		"the same":                          {first, 2},
		"links that are signed again":       {page("", "", file("1?s=2", ""), file("new/2?s=2", `,"count":7`)), 2},
		"one more file":                     {page("", "", file("1", ""), file("2", `,"count":7`), file("3", "")), 3},
		"files of another kind":             {page(`"deleted":[{"url":"https://h/d"}],`, "", file("1", ""), file("2", `,"count":7`)), 2},
		"a link":                            {page("", link, file("1", ""), file("2", `,"count":7`)), 3},
		"a file less":                       {page("", "", file("1", "")), 0},
		"no file":                           {page("", ""), 0},
		"a file of another count":           {page("", "", file("1", ""), file("2", `,"count":8`)), 0},
		"a file of no count":                {page("", "", file("1", ""), file("2", "")), 0},
		"a file of another size":            {page("", "", file("1", `,"fileSize":3`), file("2", `,"count":7`)), 0},
		"a file of another type":            {page("", "", strings.Replace(file("1", ""), "Claim", "Patient", 1), file("2", `,"count":7`)), 0},
		"another order":                     {page("", "", file("2", `,"count":7`), file("1", "")), 0},
		"another transactionTime":           {strings.Replace(first, "04:05Z", "04:06Z", 1), 0},
		"the same transactionTime, written": {strings.Replace(first, "03:04:05Z", "05:04:05.000+02:00", 1), 2},
		"files with a token":                {strings.Replace(first, "false", "true", 1), 0},
		"organized files":                   {page(`"outputOrganizedBy":"Patient",`, "", file("1", ""), file("2", `,"count":7`)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := replies(t, map[string][]reply{
				"/r4/status":        {{status: 202, body: first}, {status: 200, body: tc.again}},
				"/r4/status?page=2": {{status: 200, body: page("", "", file("3", ""))}},
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				m, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, time.Hour, Watch{Partial: true})
				if tc.files == 0 && !errors.Is(err, ErrOtherManifest) || tc.files > 0 && (err != nil || len(m.Output) != tc.files) {
					t.Errorf("%d files, %v", len(m.Output), err)
				}
			})
		})
	}
}

// A manifest of which an earlier process read a part must be of the same time.
func TestManifestOfAnEarlierProcess(t *testing.T) {
	bubble(t, replies(t, map[string][]reply{"/r4/status": {{status: 200, body: manifestOf("", "1")}}}), func(t *testing.T, c *Client) {
		job := Job{StatusURL: base + "/status", TransactionTime: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
		if _, err := c.Wait(t.Context(), job, time.Hour, Watch{Partial: true}); err != nil {
			t.Error(err)
		}
		job.TransactionTime = job.TransactionTime.Add(-time.Second)
		if _, err := c.Wait(t.Context(), job, time.Hour, Watch{Partial: true}); !errors.Is(err, ErrOtherManifest) {
			t.Error(err)
		}
	})
}

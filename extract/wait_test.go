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

// manifestOf is a manifest with one output file for each name.
func manifestOf(next string, names ...string) string {
	var files []string
	for _, n := range names {
		files = append(files, fmt.Sprintf(`{"type":"Claim","url":"https://h/%s"}`, n))
	}
	link := ""
	if next != "" {
		link = fmt.Sprintf(`,"link":[{"relation":"next","url":"%s"}]`, next)
	}
	return `{"transactionTime":"2026-01-02T03:04:05Z","requiresAccessToken":false,"output":[` + strings.Join(files, ",") + `]` + link + `}`
}

const (
	transientIssue = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient","diagnostics":"Jane"}]}`
	finalIssue     = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":"Jane"},{"severity":"information","code":"informational"}]}`
)

// reply is an answer to a poll. Its header is name, value, name, value, …
type reply struct {
	status int
	body   string
	header []string
}

func (a reply) write(w http.ResponseWriter) {
	for i := 0; i < len(a.header); i += 2 {
		w.Header().Set(a.header[i], a.header[i+1])
	}
	text(w, a.status, a.body)
}

// replies answers the nth request for each URL with its nth reply, and with the
// last from then on.
func replies(t *testing.T, of map[string][]reply) http.Handler {
	seen := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := of[r.URL.RequestURI()]
		if len(list) == 0 {
			t.Errorf("%s was asked for", r.URL)
			return
		}
		n := min(seen[r.URL.RequestURI()], len(list)-1)
		seen[r.URL.RequestURI()]++
		list[n].write(w)
	})
}

func TestWait(t *testing.T) {
	const status = "/r4/status"
	running := reply{status: 202}
	done := reply{status: 200, body: manifestOf("", "1")}
	for name, tc := range map[string]struct {
		replies map[string][]reply
		files   int
		class   Class  // of the error
		err     string // part of it
		is      error
	}{
		"done at once":                             {replies: map[string][]reply{status: {done}}, files: 1},
		"done after some polls":                    {replies: map[string][]reply{status: {running, running, done}}, files: 1},
		"no files is success":                      {replies: map[string][]reply{status: {{status: 200, body: manifestOf("")}}}},
		"separate status":                          {replies: map[string][]reply{status: {{status: 200, header: []string{"X-Export-Status", "202"}}, {status: 200, body: done.body, header: []string{"X-Export-Status", "200"}}}}, files: 1},
		"separate status, the export failed":       {replies: map[string][]reply{status: {{status: 200, body: finalIssue, header: []string{"X-Export-Status", "500"}}}}, class: Server, err: "issue processing: the export failed"},
		"separate status, the poll failed":         {replies: map[string][]reply{status: {{status: 500}, {status: 200, body: done.body, header: []string{"X-Export-Status", "200"}}}}, files: 1},
		"a transient failure passes":               {replies: map[string][]reply{status: {{status: 500, body: transientIssue}, done}}, files: 1},
		"a transient refusal passes":               {replies: map[string][]reply{status: {{status: 400, body: transientIssue}, done}}, files: 1},
		"a failure that stays":                     {replies: map[string][]reply{status: {{status: 500, body: finalIssue}}}, class: Server, err: "answers 500: issue processing"},
		"a refusal is final":                       {replies: map[string][]reply{status: {{status: 400, body: finalIssue}}}, class: Request, err: "answers 400", is: ErrFailed},
		"a refusal in plain text is final":         {replies: map[string][]reply{status: {{status: 413, body: "Too many files"}}}, class: Request, err: "answers 413", is: ErrFailed},
		"a failure without a code":                 {replies: map[string][]reply{status: {{status: 500, body: `{"resourceType":"OperationOutcome","issue":[{"severity":"error","diagnostics":"Jane"}]}`}}}, class: Server, err: "answers 500: the export failed", is: ErrFailed},
		"polled too often":                         {replies: map[string][]reply{status: {{status: 429, header: []string{"Retry-After", "30"}}, done}}, files: 1},
		"expired or cancelled":                     {replies: map[string][]reply{status: {{status: 404}}}, class: Request, err: "start it again", is: ErrGone},
		"gone":                                     {replies: map[string][]reply{status: {{status: 410, body: finalIssue}}}, class: Request, err: "start it again", is: ErrGone},
		"a login page":                             {replies: map[string][]reply{status: {{status: 200, body: "<html>Jane</html>", header: []string{"Content-Type", "text/html"}}}}, class: Data, err: "not a manifest but HTML: is there a gateway"},
		"a failed gateway":                         {replies: map[string][]reply{status: {{status: 502, body: "<html>Jane</html>"}, done}}, files: 1},
		"an outcome instead of a manifest":         {replies: map[string][]reply{status: {{status: 200, body: finalIssue}}}, class: Data, err: "but an OperationOutcome"},
		"text instead of a manifest":               {replies: map[string][]reply{status: {{status: 200, body: "Jane"}}}, class: Data, err: "no JSON"},
		"pages":                                    {replies: map[string][]reply{status: {{status: 200, body: manifestOf("?page=2", "1", "2")}}, status + "?page=2": {{status: 200, body: manifestOf("/r4/three", "3")}}, "/r4/three": {{status: 200, body: manifestOf("", "4")}}}, files: 4},
		"a page that is not ready":                 {replies: map[string][]reply{status: {{status: 200, body: manifestOf("?page=2", "1")}}, status + "?page=2": {running, running, {status: 200, body: manifestOf("", "2")}}}, files: 2},
		"pages in a circle":                        {replies: map[string][]reply{status: {{status: 200, body: manifestOf("?page=2", "1")}}, status + "?page=2": {{status: 200, body: manifestOf("/r4/status", "2")}}}, class: Data, err: "linked in a circle"},
		"a page of another time":                   {replies: map[string][]reply{status: {{status: 200, body: manifestOf("?page=2", "1")}}, status + "?page=2": {{status: 200, body: strings.Replace(manifestOf(""), "2026", "2025", 1)}}}, class: Data, err: "transactionTime"},
		"partial manifests":                        {replies: map[string][]reply{status: {running, {status: 202, body: manifestOf("", "1")}, {status: 202, body: manifestOf("?page=2", "1")}, {status: 200, body: manifestOf("?page=2", "1")}}, status + "?page=2": {{status: 202, body: manifestOf("", "2")}, {status: 200, body: manifestOf("?page=3", "2")}}, status + "?page=3": {{status: 200, body: manifestOf("", "3")}}}, files: 3},
		"a server that lost the export":            {replies: map[string][]reply{status: {{status: 202, header: []string{"X-Progress", "50%"}}}}, class: Server, err: "start it again", is: ErrDeadline},
		"a next page that never comes":             {replies: map[string][]reply{status: {{status: 200, body: manifestOf("?page=2", "1")}}, status + "?page=2": {running}}, class: Server, is: ErrDeadline},
		"an export that is lost while it is asked": {replies: map[string][]reply{status: {running, {status: 500, body: transientIssue}}}, class: Server, err: "issue transient"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, replies(t, tc.replies), func(t *testing.T, c *Client) {
				m, err := c.Wait(t.Context(), Job{StatusURL: base + "/status", Started: time.Now()}, 24*time.Hour, Watch{Partial: true})
				if tc.class == "" {
					if err != nil || len(m.Output) != tc.files || !m.Complete {
						t.Errorf("%d files, complete %v, %v", len(m.Output), m.Complete, err)
					}
					return
				}
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Class != tc.class || !strings.Contains(err.Error(), tc.err) || tc.is != nil && !errors.Is(err, tc.is) || strings.Contains(err.Error(), "Jane") {
					t.Errorf("error %v, want %s: %s", err, tc.class, tc.err)
				}
			})
		})
	}
}

// Without Retry-After the polls back off from a second to a minute; with it they
// do as they are told, within limits.
func TestPollsBackOff(t *testing.T) {
	for name, tc := range map[string]struct {
		header []string
		want   []time.Duration // longest waits; the shortest are three quarters
	}{
		"by ourselves":                  {nil, []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 32e9, 60e9, 60e9}},
		"nothing to wait for":           {[]string{"Retry-After", "0"}, []time.Duration{1e9, 2e9, 4e9}},
		"as the server says":            {[]string{"Retry-After", "10"}, []time.Duration{10e9, 10e9, 10e9}},
		"no longer than is good for us": {[]string{"Retry-After", "1795460886997000"}, []time.Duration{15 * 60e9, 15 * 60e9}},
	} {
		t.Run(name, func(t *testing.T) {
			var waits []time.Duration
			var last time.Time
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if !last.IsZero() {
					waits = append(waits, time.Since(last).Round(time.Millisecond))
				}
				last = time.Now()
				if len(waits) == len(tc.want) {
					reply{status: 200, body: manifestOf("")}.write(w)
					return
				}
				reply{status: 202, header: tc.header}.write(w)
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				var announced []time.Duration
				_, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, time.Hour, Watch{Progress: func(p Progress) error {
					announced = append(announced, p.Pace.Every.Round(time.Millisecond))
					return nil
				}})
				if err != nil || !slices.Equal(waits, announced) {
					t.Fatalf("waited %v, announced %v, %v", waits, announced, err)
				}
				for i, most := range tc.want {
					least := most
					if tc.header == nil || tc.header[1] == "0" {
						least = most * 3 / 4
					}
					if waits[i] > most || waits[i] < least {
						t.Errorf("wait %d is %s, want %s to %s", i, waits[i], least, most)
					}
				}
			})
		})
	}
}

func TestProgressShowsWhatIsThereAlready(t *testing.T) {
	h := replies(t, map[string][]reply{"/r4/status": {
		{status: 202, header: []string{"X-Progress", "10%" + strings.Repeat("é", 200)}},
		{status: 202, body: manifestOf("", "1")},
		{status: 200, body: manifestOf("", "1")},
	}})
	bubble(t, h, func(t *testing.T, c *Client) {
		var seen []Progress
		m, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, time.Hour, Watch{Partial: true, Progress: func(p Progress) error { seen = append(seen, p); return nil }})
		if err != nil || len(seen) != 2 {
			t.Fatal(err, len(seen))
		}
		if seen[0].Percent != "10%" || seen[0].Manifest != nil {
			t.Errorf("%+v", seen[0])
		}
		if p := seen[1].Manifest; p == nil || p.Complete || p.Output[0].ID != m.Output[0].ID {
			t.Errorf("%+v", p)
		}
	})
}

func TestOnlyAPercentageOfProgressIsTold(t *testing.T) {
	for header, want := range map[string]string{
		"50%": "50%", "0% done": "0%", "about 99.5% of Patient/123": "99.5%", "100%": "100%", "99.55%": "99.55%", "Building: 7%\x1b[31m": "7%",
		"": "", "working": "", "Patient/123": "", "MRN 1234%": "", "12": "", "1000%": "",
	} {
		if got := percentage(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

func TestMissingTypes(t *testing.T) {
	m := Manifest{Output: []File{{Type: "Claim"}, {Type: "Claim"}}}
	if got := m.Missing([]string{"Patient", "Claim"}); !slices.Equal(got, []string{"Patient"}) {
		t.Error(got)
	}
	m.OrganizedBy = "Patient"
	if got := m.Missing([]string{"Patient"}); got != nil {
		t.Error("an organized file may hold any type, but", got, "are missing")
	}
}

func TestDelete(t *testing.T) {
	for status, ok := range map[int]bool{200: true, 202: true, 204: true, 404: true, 410: true, 403: false, 400: false, 500: false} {
		bubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodDelete {
				t.Error(r.Method)
			}
			w.WriteHeader(status)
		}), func(t *testing.T, c *Client) {
			if err := c.Delete(t.Context(), Job{StatusURL: base + "/status"}); (err == nil) != ok {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

package pipeline

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
)

// site is a publisher: an ordinary web server with a few files.
type site struct {
	mu    sync.Mutex
	files map[string]string
	asked []string // file names; manifests are not among them
	fail  string   // this file cannot be had
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := filepath.Base(r.URL.Path)
	body, ok := s.files[name]
	if strings.HasSuffix(name, ".ndjson") {
		s.asked = append(s.asked, name)
	}
	if !ok || name == s.fail {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, len(body)))
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
}

// publish puts a manifest on the site, with claims, deletions and a link.
func (s *site) publish(name, at, link string, files ...string) {
	var output, deleted []string
	for _, f := range files {
		entry := fmt.Sprintf(`{"type":"Claim","url":"%s"}`, f)
		if strings.HasPrefix(f, "gone") {
			deleted = append(deleted, fmt.Sprintf(`{"url":"%s"}`, f))
		} else {
			output = append(output, entry)
		}
	}
	if link != "" {
		link = fmt.Sprintf(`{"relation":"next","url":%q}`, link)
	}
	s.files[name] = fmt.Sprintf(`{"transactionTime":%q,"requiresAccessToken":false,"output":[%s,{"type":"Basic","url":"unmapped.ndjson"}],"deleted":[%s],"link":[%s]}`,
		at, strings.Join(output, ","), strings.Join(deleted, ","), link)
	if len(output) == 0 {
		s.files[name] = strings.Replace(s.files[name], "[,", "[", 1)
	}
}

// What a server publishes is loaded once, followed by its updates, and replaced by the
// next snapshot.
func TestSyncOfWhatIsPublished(t *testing.T) {
	const undated = `{"resourceType":"Claim","id":%q,"item":[{"net":{"value":%d}}]}` + "\n"
	s := &site{files: map[string]string{}}
	web := httptest.NewServer(s)
	defer web.Close()
	lake := t.TempDir()
	c := config.Default()
	c.Source.Name, c.Source.URL, c.Export.Mode = "directory", web.URL+"/fhir", "publish"
	sync := func(full bool) (Report, error) {
		end, err := LastPublished(t.Context(), lake, c.Source.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if full {
			end = extract.PublishedPage{}
		}
		source, err := NewPublish(c, extract.Export{Types: []string{"Claim"}}, end, Agent{Observer: quiet{}, Log: slog.New(slog.DiscardHandler), UserAgent: "test"})
		if err != nil {
			t.Fatal(err)
		}
		o := options(t, lake, nil)
		o.Kind, o.Resume, o.Source, o.AcceptAbsent = "sync", true, c.Source.Name, true
		s.asked = nil
		return Run(t.Context(), o, source)
	}
	check := func(step string, wantAsked []string, want ...string) {
		t.Helper()
		slices.Sort(s.asked)
		if got := items(t, lake); !slices.Equal(got, want) || !slices.Equal(s.asked, wantAsked) {
			t.Errorf("%s: rows %q, files asked for %q", step, got, s.asked)
		}
	}

	s.files["one.ndjson"] = fmt.Sprintf(undated+undated+undated, "a", 1, "b", 2, "c", 3)
	s.publish("$bulk-publish", "2026-01-01T00:00:00Z", "chain", "one.ndjson")
	s.publish("chain", "2026-01-01T00:00:00Z", "#pending")
	s.fail = "one.ndjson"
	if _, err := sync(false); err == nil {
		t.Error("a file that cannot be had was no error")
	}
	check("a file that cannot be had", []string{"one.ndjson"})
	s.fail = ""
	r, err := sync(false)
	if err != nil || r.Run.Number != 1 || !r.Run.Full {
		t.Fatalf("snapshot: %+v, %v", r.Run, err)
	}
	check("snapshot", []string{"one.ndjson"}, "a|1|1.0000", "b|1|2.0000", "c|1|3.0000")

	if _, err := sync(false); err != nil {
		t.Fatal(err)
	}
	check("nothing new", nil, "a|1|1.0000", "b|1|2.0000", "c|1|3.0000")

	s.files["two.ndjson"], s.files["gone2.ndjson"] = fmt.Sprintf(undated, "a", 10), `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/b"}}]}`+"\n"
	s.files["three.ndjson"] = fmt.Sprintf(undated+undated, "a", 100, "b", 20)
	s.publish("chain", "2026-01-01T00:00:00Z", "two")
	s.publish("two", "2026-01-08T00:00:00Z", "three", "two.ndjson", "gone2.ndjson")
	s.publish("three", "2026-01-15T00:00:00Z", "#pending", "three.ndjson")
	if r, err := sync(false); err != nil || r.Run.Full || r.Run.TransactionTime.Day() != 15 {
		t.Fatalf("updates: %+v, %v", r.Run, err)
	}
	check("two updates", []string{"gone2.ndjson", "three.ndjson", "two.ndjson"}, "a|1|100.0000", "b|1|20.0000", "c|1|3.0000")

	s.files["four.ndjson"] = fmt.Sprintf(undated, "c", 3)
	s.publish("three", "2026-01-15T00:00:00Z", "#closed", "three.ndjson")
	s.publish("$bulk-publish", "2026-02-01T00:00:00Z", "", "four.ndjson")
	if r, err := sync(false); err != nil || !r.Run.Full {
		t.Fatalf("new snapshot: %+v, %v", r.Run, err)
	}
	check("a new snapshot replaces all", []string{"four.ndjson"}, "c|1|3.0000")

	if _, err := sync(true); err != nil {
		t.Fatal(err)
	}
	check("everything again", []string{"four.ndjson"}, "c|1|3.0000")
}

// An interrupted run of one snapshot does not go on with the files of the next.
func TestInterruptedPublicationThatIsReplaced(t *testing.T) {
	s := &site{files: map[string]string{"one.ndjson": claimLine("a", monday, "1") + "\n", "two.ndjson": claimLine("b", monday, "2") + "\n"}, fail: "one.ndjson"}
	s.publish("$bulk-publish", "2026-01-01T00:00:00Z", "", "one.ndjson")
	web := httptest.NewServer(s)
	defer web.Close()
	c := config.Default()
	c.Source.Name, c.Source.URL = "directory", web.URL
	o := options(t, t.TempDir(), nil)
	o.Kind, o.Resume = "sync", true
	sync := func() (Report, error) {
		source, err := NewPublish(c, extract.Export{Types: []string{"Claim"}}, extract.PublishedPage{}, Agent{Observer: quiet{}, Log: slog.New(slog.DiscardHandler), UserAgent: "test"})
		if err != nil {
			t.Fatal(err)
		}
		return Run(t.Context(), o, source)
	}
	if _, err := sync(); err == nil {
		t.Fatal("a file that cannot be had was no error")
	}
	s.publish("$bulk-publish", "2026-01-02T00:00:00Z", "", "two.ndjson")
	r, err := sync()
	if err != nil || r.Run.Number != 2 || r.Run.State != ledger.Promoted {
		t.Errorf("%+v, %v", r.Run, err)
	}
	if got := items(t, o.Lake); !slices.Equal(got, []string{"b|1|2.0000"}) {
		t.Errorf("rows %q", got)
	}
}

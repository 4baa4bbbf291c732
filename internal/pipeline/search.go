package pipeline

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/lineage"
)

// searchCount is how many resources are asked for a page; servers give fewer.
const searchCount = 1000

// Search is a Source that searches a FHIR server, for those that have no export.
// Each type is a file. What changes while it is searched is left to the next sync,
// by an upper bound for the time of change, which is also the next lower one.
type Search struct {
	client   *extract.Client
	export   extract.Export
	observer Observer
	until    time.Time

	mu     sync.Mutex
	totals map[string]int64 // matches that the server announced, by file
}

// NewSearch makes a Source of the configured server. It asks the server nothing yet.
// Of the export its types, times, elements and filters count. The error says what is
// wrong with the configuration.
func NewSearch(c config.Config, export extract.Export, a Agent) (*Search, error) {
	client, err := remoteClient(c, export.Types, a)
	return &Search{client: client, export: export, observer: a.Observer, totals: map[string]int64{}}, err
}

// Prepare lists a file for each type and filter. The upper bound is noted, so that an
// interrupted search goes on with the same.
func (s *Search) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	s.observer.Step("search the server")
	if err := s.bound(ctx, earlier.StatusURL); err != nil {
		return Batch{}, err
	}
	job := extract.Job{StatusURL: s.mark()}
	if earlier.StatusURL == "" {
		var err error
		if job.Unreadable, err = s.client.Unreadable(ctx, s.export.Types); err != nil {
			return Batch{}, err
		}
	}
	if err := note(job); err != nil {
		return Batch{}, err
	}
	b := Batch{TransactionTime: s.until}
	for _, t := range s.export.Types {
		for i := range s.filters(t) {
			b.Files = append(b.Files, File{
				ID: fmt.Sprintf("search-%s-%d", t, i+1), Name: "search of " + t, ResourceType: t, Announced: -1, Bytes: -1,
			})
		}
	}
	return b, nil
}

// bound finds the upper bound: that of an earlier attempt, or now, by the server's
// clock.
func (s *Search) bound(ctx context.Context, earlier string) (err error) {
	s.until = s.export.Until
	if mark, ok := strings.CutPrefix(earlier, searchMark); ok {
		s.until, err = time.Parse(time.RFC3339Nano, mark)
		return err
	}
	if !s.until.IsZero() && s.until.Before(time.Now()) {
		return nil
	}
	now, err := s.client.ServerTime(ctx)
	if s.until.IsZero() || now.Before(s.until) {
		s.until = now // what is configured has not come yet
	}
	return err
}

// searchMark, before the upper bound, stands in the ledger where an export has its
// status URL.
const searchMark = "search:"

func (s *Search) mark() string { return searchMark + s.until.Format(time.RFC3339Nano) }

// filters are the searches of a type, by their further parameters.
func (s *Search) filters(resourceType string) []string {
	var list []string
	for _, f := range s.export.TypeFilters {
		if t, query, ok := strings.Cut(f, "?"); ok && t == resourceType {
			list = append(list, query)
		}
	}
	if list == nil {
		list = []string{""}
	}
	return list
}

// Pages searches for the resources of a file.
func (s *Search) Pages(ctx context.Context, f File, from extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	search := extract.Search{Type: f.ResourceType, Since: s.export.Since, Until: s.until, Count: searchCount, Elements: s.elements(f.ResourceType)}
	for i, filter := range s.filters(f.ResourceType) {
		if f.ID == fmt.Sprintf("search-%s-%d", f.ResourceType, i+1) {
			search.Filter = filter
		}
	}
	search.Announced = func(total int64) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.totals[f.ID] = total
	}
	return s.client.SearchPages(ctx, search, from, b)
}

// Ending is what the server said how many resources there are.
func (s *Search) Ending(fileID string) Ending {
	s.mu.Lock()
	defer s.mu.Unlock()
	total, ok := s.totals[fileID]
	if !ok {
		total = -1
	}
	return Ending{Announced: total}
}

// elements are those to ask for of a type: named alone, or after the type.
func (s *Search) elements(resourceType string) []string {
	var list []string
	for _, e := range s.export.Elements {
		t, name, typed := strings.Cut(e, ".")
		switch {
		case !typed:
			list = append(list, e)
		case t == resourceType:
			list = append(list, name)
		}
	}
	return list
}

// SHA256 is none: there are no files.
func (s *Search) SHA256(string) string { return "" }

// Finish has nothing to do: a search leaves nothing on the server.
func (s *Search) Finish(context.Context, extract.Job) error { return nil }

// Cancel has nothing to do either.
func (s *Search) Cancel(context.Context, extract.Job) error { return nil }

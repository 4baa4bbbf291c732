package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/coverage"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

func TestRunTellsWhatReachesNoColumn(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	old := write(t, filepath.Join(dir, "a.ndjson"), claimLine("1", "2024-01-01T00:00:00Z", "1.5"))
	drifted := write(t, filepath.Join(dir, "b.ndjson"), `{"resourceType":"Claim","id":"2","total":{"value":2},"extension":[{"url":"new","valueCode":"x"}]}`, `{"resourceType":"Basic","id":"3"}`)
	rep, err := flatten(t, options(t, lake, nil), old, drifted)
	if err != nil {
		t.Fatal(err)
	}
	want := []coverage.Type{
		{Resource: "Basic", Lines: 1, Values: 1, Paths: []coverage.Path{{Path: "id", Lines: 1, Values: 1}}},
		{Resource: "Claim", Lines: 2, Values: 8, Reached: 5, Paths: []coverage.Path{
			{Path: "extension.#.url", Lines: 1, Values: 1},
			{Path: "extension.#.valueCode", Lines: 1, Values: 1},
			{Path: "meta.lastUpdated", Lines: 1, Values: 1},
			{Path: "id", Lines: 2, Values: 2, Reached: 2},
			{Path: "item.#.net.value", Lines: 1, Values: 1, Reached: 1},
			{Path: "total.value", Lines: 2, Values: 2, Reached: 2},
		}},
	}
	if diff := cmp.Diff(want, rep.Coverage); diff != "" {
		t.Error(diff)
	}
	l, err := ledger.Open(context.Background(), lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // read only
	kept, err := Coverage(context.Background(), l, rep.Run.ID)
	if diff := cmp.Diff(want, kept); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestSampleIsFromAllOverThePage(t *testing.T) {
	for name, tc := range map[string]struct{ lines, least, most int }{
		"few lines are all taken":  {7, 7, 7},
		"as many as a sample":      {sampleLines, sampleLines, sampleLines},
		"one in a hundred of many": {100 * sampleLines, sampleLines, sampleLines},
		"hardly more of others":    {2*sampleLines - 1, sampleLines, 2 * sampleLines},
	} {
		t.Run(name, func(t *testing.T) {
			p := lineage.Page{Lines: tc.lines}
			for i := range tc.lines {
				p.Data = fmt.Appendf(p.Data, `{"resourceType":"Claim","id":"%d"}`+"\n", i)
			}
			s := sampler{plan: plan(t)}
			s.take(page{Page: p})
			if got := s.counts(); len(got) > 0 {
				t.Errorf("counted a page that is not of the sample: %v", got)
			}
			s.take(page{Page: p, sample: true})
			got := s.counts()
			if n := int(got[0].Lines); n < tc.least || n > tc.most {
				t.Errorf("%d lines, want %d to %d", n, tc.least, tc.most)
			}
			if again := s.counts(); len(again) > 0 {
				t.Errorf("counted twice: %v", again)
			}
		})
	}
}

// Many small files do not make a sample of everything.
func TestSampleIsASmallPartOfManyFiles(t *testing.T) {
	p := lineage.Page{Lines: 100}
	for i := range p.Lines {
		p.Data = fmt.Appendf(p.Data, `{"resourceType":"Claim","id":"%d","note":"%01000d"}`+"\n", i, i)
	}
	s := sampler{plan: plan(t)}
	const files = 1000
	for range files {
		s.take(page{Page: p, sample: true})
	}
	lines := s.counts()[0].Lines
	if lines < files*sampleLeast || lines > files*sampleLines/5 {
		t.Errorf("%d lines of %d files", lines, files)
	}
}

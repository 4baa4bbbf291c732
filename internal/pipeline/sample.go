package pipeline

import (
	"bytes"
	"context"

	"github.com/claimlake/claimlake/internal/coverage"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform"
)

// What of a run is sampled to find values that reach no column: so much that a new
// extension is noticed, and so little that it costs less than a fiftieth of the run.
const (
	samplePages = 50      // the first page of a file, and then one in so many
	sampleLines = 20      // of such a page, from all over it
	sampleBytes = 1 << 20 // of such a page; the line that reaches it is the last

	sampleShare = 200       // of so many bytes one may be sampled, after the first ones:
	sampleFirst = 256 << 10 // many small files would have too many first pages
	sampleLeast = 2         // lines of a page beyond that
)

// sampler counts which values of a worker's sample reach a column.
type sampler struct {
	plan  *transform.Plan
	tally *coverage.Tally // nil: nothing was sampled since counts
	seen  int64           // bytes of all pages
	taken int64           // bytes of the sample
}

// take sees a page, and samples it if it is one to look into.
func (s *sampler) take(p page) {
	s.seen += p.Bytes()
	if !p.sample {
		return
	}
	if s.tally == nil {
		s.tally = coverage.NewTally(s.plan)
	}
	lines := sampleLines
	if s.taken > sampleFirst+s.seen/sampleShare {
		lines = sampleLeast
	}
	s.add(p.Page, max(1, p.Lines/lines))
}

// add takes one line of so many.
func (s *sampler) add(p lineage.Page, step int) {
	n, taken := 0, 0
	for line := range bytes.Lines(p.Data) {
		if n++; (n-1)%step != 0 {
			continue
		}
		s.tally.Add(line)
		if taken += len(line); taken >= sampleBytes {
			break
		}
	}
	s.taken += int64(taken)
}

// counts gives what was counted since the last call.
func (s *sampler) counts() []ledger.Coverage {
	if s.tally == nil {
		return nil
	}
	var list []ledger.Coverage
	for _, t := range s.tally.Types() {
		list = append(list, ledger.Coverage{ResourceType: t.Resource, Lines: t.Lines})
		for _, p := range t.Paths {
			list = append(list, ledger.Coverage{ResourceType: t.Resource, Path: p.Path, Lines: p.Lines, Leaves: p.Values, Reached: p.Reached, Narrative: p.Narrative})
		}
	}
	s.tally = nil
	return list
}

// Coverage is what the ledger says of a run's sample: which values reach a column,
// by resource type.
func Coverage(ctx context.Context, l *ledger.Ledger, runID string) ([]coverage.Type, error) {
	list, err := l.Coverage(ctx, runID)
	if err != nil {
		return nil, err
	}
	var types []coverage.Type
	for len(list) > 0 {
		head, n := list[0], 1 // the path "" comes first
		var paths []coverage.Path
		for ; n < len(list) && list[n].ResourceType == head.ResourceType; n++ {
			c := list[n]
			paths = append(paths, coverage.Path{Path: c.Path, Lines: c.Lines, Values: c.Leaves, Reached: c.Reached, Narrative: c.Narrative})
		}
		types, list = append(types, coverage.NewType(head.ResourceType, head.Lines, paths)), list[n:]
	}
	return types, nil
}

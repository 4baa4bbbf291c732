package trial

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform"
)

// Sample is what became of the sample's lines.
type Sample struct {
	Resources int64             // lines that became rows
	Rejects   map[string]int64  // lines that could not be used, by reason
	Values    map[Value]int64   // values that did not fit their column
	Skipped   []extract.Skipped // what is in folders and was not read
}

// Value is a column and why values did not fit it.
type Value struct{ Table, Column, Reason string }

// Flatten gives the results of the pages of files, folders and NDJSON files below
// them, to take until it says that it has enough. A result is released after take.
func Flatten(ctx context.Context, plan *transform.Plan, paths []string, take func(lineage.Page, *transform.Result) bool) (Sample, error) {
	s := Sample{Rejects: map[string]int64{}, Values: map[Value]int64{}}
	files, err := extract.ListLocal(paths, nil)
	if err != nil {
		return s, err
	}
	s.Skipped = files.Skipped
	flattener, buffers := plan.NewFlattener(memory.DefaultAllocator), extract.NewBuffers(1)
	for _, file := range files.Files {
		for page, err := range file.Pages(ctx, buffers) {
			if err != nil {
				return s, err
			}
			r, err := flattener.Flatten(page)
			if err != nil {
				return s, fmt.Errorf("%s: %w", file.Path, err)
			}
			s.add(r)
			more := take(page, r)
			r.Release()
			buffers.Put(page)
			if !more {
				return s, nil
			}
		}
	}
	return s, nil
}

func (s *Sample) add(r *transform.Result) {
	for _, n := range r.Resources {
		s.Resources += n
	}
	for _, reject := range r.Rejects {
		s.Rejects[reject.Reason]++
	}
	for _, c := range r.Counts {
		s.Values[Value{c.Table, c.Column, c.Reason}] += c.Count
	}
}

package transform

import "github.com/apache/arrow/go/v17/arrow"

// Result is what became of one page.
type Result struct {
	Batches   []arrow.Record   // one per table that has rows; Release frees them
	Lines     int64            // lines read, blank ones not counted
	Resources map[string]int64 // lines that became rows, by resource type
	Unchanged int64            // lines that Skip knew
	Unmapped  map[string]int64 // lines of resource types without a mapping
	Rejects   []Reject         // lines that could not be used, in order
	Values    []ValueReject    // values that did not fit; the first few of each column and reason
	Counts    []ValueCount     // the same, all counted
}

// Release frees the batches.
func (r *Result) Release() {
	for _, b := range r.Batches {
		b.Release()
	}
	r.Batches = nil
}

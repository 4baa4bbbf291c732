package transform

import "github.com/apache/arrow/go/v17/arrow"

// Result is what became of one page.
type Result struct {
	Batches   []arrow.Record   // one per table that has rows; Release frees them
	Lines     int64            // lines read, blank ones not counted
	Resources map[string]int64 // lines that became rows, by resource type
	Unchanged int64            // lines that Skip knew
	Numbered  []NumberedLine   // copies whose rows do not tell the number that meta.versionId is
	Known     []KnownLine      // the same, in order
	Unmapped  map[string]int64 // lines of resource types without a mapping
	Rejects   []Reject         // lines that could not be used, in order
	Values    []ValueReject    // values that did not fit; the first few of each column and reason
	Counts    []ValueCount     // the same, all counted
	Untimed   []ValueCount     // copies without meta.lastUpdated, by main table
}

// KnownLine is a line that Skip knew.
type KnownLine struct {
	Line int64 // number in the file, from 1
	Hash uint64
}

// NumberedLine is a line whose meta.versionId is a number.
type NumberedLine struct {
	Line   int64  // number in the file, from 1
	Number string // digits
}

// Release frees the batches.
func (r *Result) Release() {
	for _, b := range r.Batches {
		b.Release()
	}
	r.Batches = nil
}

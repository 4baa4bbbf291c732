package pipeline

import (
	"context"
	"time"

	"github.com/claimlake/claimlake/internal/coverage"
	"github.com/claimlake/claimlake/internal/ledger"
)

// Report is what became of a run.
type Report struct {
	Run    ledger.Run
	Files  []ledger.File
	Counts ledger.Counts        // of all files
	Rows   map[string]int64     // rows that the run brought, by table
	Values []ledger.ValueReject // values that did not fit their column
	Took   time.Duration

	Findings []ledger.Finding // of its checks, failures first

	Coverage []coverage.Type // of the lines that were sampled
}

// report reads what the ledger says of the run.
func (r *run) report(ctx context.Context) Report {
	ctx = context.WithoutCancel(ctx)
	rep := Report{Run: r.Run, Rows: r.rows, Took: time.Since(r.Started)}
	if rec, err := r.ledger.Run(ctx, r.ID); err == nil {
		rep.Run = rec
	}
	rep.Files, _ = r.ledger.Files(ctx, r.ID)
	rep.Values, _ = r.ledger.Values(ctx, r.ID)
	rep.Findings, _ = r.ledger.Findings(ctx, r.ID)
	rep.Coverage, _ = Coverage(ctx, r.ledger, r.ID)
	for _, f := range rep.Files {
		rep.Counts.Add(f.Counts)
	}
	return rep
}

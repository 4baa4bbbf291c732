package pipeline

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/load/parquet"
)

// OpenTrail opens the audit trail of a lake. Both are made when missing. The error is
// ErrTrail where the lake's ledger knows another trail, or a longer one.
func OpenTrail(ctx context.Context, dir, purpose, version string) (*audit.Trail, error) {
	if _, err := parquet.Open(dir); err != nil {
		return nil, err
	}
	if err := CheckTrail(ctx, dir); err != nil {
		return nil, err
	}
	return audit.Open(audit.Options{Dir: TrailDir(dir), Purpose: purpose, Version: version})
}

// TrailDir is where the audit trail of a lake is.
func TrailDir(lake string) string { return filepath.Join(lake, "audit") }

// record adds an event of the run to the audit trail. Its error means that what it
// records must not be done.
func (r *run) record(e audit.Event) error {
	e.Run, e.Source = r.ID, r.Source
	return r.options.Audit.Append(e)
}

// recordStart says what the run is going to do.
func (r *run) recordStart() error {
	r.options.Metrics.Began(r.ID, r.Source, r.Kind)
	return r.record(audit.Event{Action: "run.start", Object: r.Kind, Config: r.options.ConfigHash, Types: slices.Sorted(slices.Values(r.options.Plan.Resources()))})
}

// recordEnd says what became of the run. That is known whether or not it can be
// recorded.
func (r *run) recordEnd(rep Report, cause error) error {
	c := rep.Counts
	r.countEnd(rep, cause)
	counts := map[string]int64{"files": int64(len(rep.Files)), "lines": c.Lines, "landed": c.Landed, "unchanged": c.Unchanged, "unmapped": c.Unmapped, "rejected": c.Rejected, "bytes": c.Bytes}
	if p := r.options.Policy; p != nil {
		counts["excluded"], counts["flagged"] = p.Excluded(), p.Flagged()
	}
	return r.record(audit.Event{
		Action: "run.end", Object: r.Kind, Outcome: outcome(cause), Category: Category(cause), Millis: time.Since(r.Started).Milliseconds(), Counts: counts,
	})
}

// countEnd tells the metrics what became of the run.
func (r *run) countEnd(rep Report, cause error) {
	files := map[string]int{}
	for _, f := range rep.Files {
		files[string(f.State)]++
	}
	outcome := metrics.Success
	if cause != nil {
		outcome = Category(cause)
	}
	var watermark time.Time
	if r.Kind == "sync" {
		watermark = r.TransactionTime
	}
	r.options.Metrics.Ended(r.Source, r.Kind, outcome, files, watermark)
}

func outcome(err error) string {
	if err != nil {
		return audit.Failed
	}
	return audit.OK
}

// recordRequest records what a server is going to be asked.
func (r *run) recordRequest() error {
	if r.Kind != "sync" {
		return nil
	}
	return r.record(audit.Event{Action: "export.request", Object: r.Request})
}

// recordNote records a kick-off's answer or a poll, before the next one is sent.
func (r *run) recordNote(job extract.Job) error {
	action := "export.poll"
	if r.StatusURL == "" {
		action = "export.started"
	}
	return r.record(audit.Event{Action: action, Millis: job.Pace.Every.Milliseconds()})
}

// recordManifest records what the source has, or a part of it.
func (r *run) recordManifest(b Batch, part string) error {
	types, counts := map[string]bool{}, map[string]int64{"files": 0, "deletes": 0}
	for _, f := range b.Files {
		if f.Deletes {
			counts["deletes"]++
			continue
		}
		counts["files"]++
		if f.ResourceType != "" {
			types[f.ResourceType] = true
		}
	}
	return r.record(audit.Event{Action: "manifest", Object: part, Types: slices.Sorted(maps.Keys(types)), Counts: counts})
}

// recordPages records a checkpoint before its pages count as loaded.
func (r *run) recordPages(c ledger.Checkpoint) error {
	if len(c.Pages) == 0 {
		return nil
	}
	counts := map[string]int64{"pages": int64(len(c.Pages)), "rejected": int64(len(c.Rejects)), "parts": int64(len(c.Parts))}
	for _, p := range c.Pages {
		counts["lines"] += p.Counts.Lines
		counts["bytes"] += p.Bytes
	}
	return r.record(audit.Event{Action: "pages.load", Counts: counts})
}

// recordFindings records what the checks found, by grade.
func (r *run) recordFindings(found []ledger.Finding) error {
	counts := map[string]int64{}
	for _, f := range found {
		counts[f.Grade]++
	}
	return r.record(audit.Event{Action: "check", Counts: counts})
}

// auditedTokens records each new token, and each that could not be had.
type auditedTokens struct {
	extract.TokenSource
	trail  *audit.Trail
	source string
	last   atomicToken
}

// Token implements extract.TokenSource.
func (a *auditedTokens) Token(ctx context.Context) (smart.Token, error) {
	t, err := a.TokenSource.Token(ctx)
	return t, errors.Join(err, a.note("auth.token", t, err))
}

// Renew implements extract.TokenSource.
func (a *auditedTokens) Renew(ctx context.Context, refused smart.Token) (smart.Token, error) {
	t, err := a.TokenSource.Renew(ctx, refused)
	return t, errors.Join(err, a.note("auth.renew", t, err))
}

func (a *auditedTokens) note(action string, t smart.Token, err error) error {
	if err == nil && !a.last.changed(t) {
		return nil
	}
	return a.trail.Append(audit.Event{Action: action, Source: a.source, Outcome: outcome(err), Category: Category(err), Counts: map[string]int64{"scopes": int64(len(t.Granted))}})
}

// Category is the class of an error, for the audit trail and metrics: network, auth,
// server, throttled, request, data, store, interrupted or other; "" for none.
func Category(err error) string {
	failure, ok := errors.AsType[*extract.Error](err)
	_, auth := errors.AsType[*smart.Error](err)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case ok:
		return string(failure.Class)
	case auth:
		return "auth"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, ErrDiffer):
		return "store"
	case errors.Is(err, ErrHeld), errors.Is(err, ErrCheck), errors.Is(err, ErrIncomplete), errors.Is(err, extract.ErrNotNDJSON), errors.Is(err, extract.ErrChanged):
		return "data"
	}
	return "other"
}

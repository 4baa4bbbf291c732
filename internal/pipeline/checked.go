package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// ErrHeld says that all of a run is loaded, and that readers do not see it since a check
// failed.
var ErrHeld = errors.New("a check failed")

// Checks says when a sync is held back. Zero values hold none back.
type Checks struct {
	MaxRejected float64       // share of a type's lines that may be unusable
	MaxDrop     float64       // share of a type's usual lines that a full sync may lack
	MaxShort    float64       // share of the lines announced of a file that may not come
	Second      time.Duration // wait before a second export where the first is held back; 0: none
	Skew        time.Duration // by which the server's clock may be ahead of this machine's; 0: DefaultSkew
	// MaxUnbalanced is the share of claims whose lines and headers may say different sums
	// without a warning. It holds no run back.
	MaxUnbalanced float64
	// Accept is why somebody wants readers to see the run although checks fail; "" for
	// nobody. By says who.
	Accept, By string
	// Since is from when on the source's next sync asks, where a run is accepted although
	// the server says that some of it failed; zero for everything.
	Since time.Time
}

// DefaultSkew is by how much clocks may differ where nobody says otherwise.
const DefaultSkew = 5 * time.Minute

func (c Checks) skew() time.Duration { return cmp.Or(c.Skew, DefaultSkew) }

// grade records what the checks of a sync find. The error is an ErrHeld where one
// fails and nobody accepted that.
func (r *run) grade(ctx context.Context, files []ledger.File) error {
	found, err := r.findings(ctx, files)
	if err != nil {
		return fmt.Errorf("check the run: %w", err)
	}
	var failed []string
	for _, f := range found {
		if f.Grade == checks.Fail {
			failed = append(failed, strings.TrimSpace(f.Check+" "+f.Subject)+": "+f.Text)
		}
	}
	if err := errors.Join(r.recordFindings(found), r.ledger.SetFindings(ctx, r.ID, found)); err != nil || len(failed) == 0 || r.Kind != "sync" {
		return err
	}
	why, who := r.options.Checks.Accept, r.options.Checks.By
	if why != "" {
		r.options.Log.Warn("failed checks are accepted", "run", r.ID, "by", who, "failed", len(failed))
		if err := r.record(audit.Event{Action: "overrule", Reason: why, Counts: map[string]int64{"failed": int64(len(failed))}}); err != nil {
			return err
		}
		return errors.Join(r.keepSince(ctx, found), r.ledger.Accept(ctx, r.ID, who, why))
	}
	if err := r.ledger.Hold(ctx, r.ID); err != nil {
		return err
	}
	r.Held = true
	return fmt.Errorf("%w: %s; readers do not see the run; if it is right: claimlake promote --accept %d --reason TEXT; if not: claimlake cancel %d", ErrHeld, strings.Join(failed, "; "), r.Number, r.Number)
}

// keepSince sets the next _since of an accepted run whose transactionTime cannot be it:
// what failed on the server is asked for from its old _since, and nothing from a time to
// come.
func (r *run) keepSince(ctx context.Context, found []ledger.Finding) error {
	since, failed := r.TransactionTime, failedCheck(found, "export_errors")
	if latest := r.Started.Add(-r.options.Checks.skew()); failedCheck(found, "future") || failedCheck(found, "server_clock") {
		since = earlier(since, latest)
	}
	if failed {
		since = earlier(since, r.options.Checks.Since)
	}
	if since.Equal(r.TransactionTime) {
		return nil
	}
	r.options.Log.Warn("the next sync asks again for what changed since before this one", "run", r.ID, "since", since, "everything", since.IsZero())
	return r.ledger.KeepSince(ctx, r.ID, since, failed)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func failedCheck(found []ledger.Finding, check string) bool {
	return slices.ContainsFunc(found, func(f ledger.Finding) bool { return f.Check == check && f.Grade == checks.Fail })
}

// findings are those of all checks that come before readers see the run.
func (r *run) findings(ctx context.Context, files []ledger.File) ([]ledger.Finding, error) {
	var counted, deletions []checks.File
	lines := map[string]int64{}
	for _, f := range files {
		if f.Deletes {
			deletions = append(deletions, counts(f))
			continue
		}
		c := counts(f)
		c.MaxShort = r.options.Checks.MaxShort
		counted = append(counted, c)
		lines[f.ResourceType] += f.Lines
	}
	outcomes, err := r.ledger.RejectedFor(ctx, r.ID, transform.ReasonOutcome)
	if err != nil {
		return nil, err
	}
	found := slices.Concat(checks.Announced(counted), checks.Deletions(deletions), checks.Rejected(counted, r.options.Checks.MaxRejected), checks.ErrorOutcomes(outcomes), checks.Unread(r.batch.unread()))
	if r.Kind == "sync" {
		last, err := r.ledger.Watermark(ctx, r.Source)
		if err != nil {
			return nil, err
		}
		clocks := checks.Clocks{TransactionTime: r.TransactionTime, Here: time.Now(), Server: r.batch.Served, Last: last, Skew: r.options.Checks.skew()}
		if r.Full && last.After(clocks.Here.Add(clocks.Skew)) {
			clocks.Last = time.Time{} // it was wrong, and everything was asked for
		}
		found = append(found, checks.Clock(clocks)...)
		found = append(found, checks.Repeated(counted)...)
		past, err := r.past(ctx)
		if err != nil {
			return nil, err
		}
		most := r.options.Checks.MaxDrop
		if r.options.AcceptAbsent { // somebody says that it is right
			most = 0
		}
		found = append(found, checks.Volume(lines, r.Started, past, r.Full, most)...)
		if !r.Full {
			found = append(found, checks.MonthToDate(lines, r.Started, past)...)
		}
	}
	lost, err := r.lostReferences(ctx)
	if err != nil {
		return nil, err
	}
	found = append(found, lost...)
	unranked, err := r.unranked(ctx)
	if err != nil {
		return nil, err
	}
	found = append(found, unranked...)
	var list []ledger.Finding
	for _, f := range found {
		list = append(list, ledger.Finding(f))
	}
	once, err := r.foundOnce(ctx)
	return append(list, once...), err
}

// counts is what the checks need to know of a file.
func counts(f ledger.File) checks.File {
	return checks.File{ID: f.ID, Type: f.ResourceType, Announced: f.Announced, Lines: f.Lines, Other: f.Other, Rejected: f.Rejected, Short: f.Error, SHA256: f.SHA256}
}

// onlyOnce are the checks of foundOnce, and that of the server's clock, which is known
// only while the manifest is read.
var onlyOnce = []string{"missing_type", "new_patients", "export_errors", "server_clock", absencesCheck, outrankedCheck}

// foundOnce are findings that can be had only while the run's files are being read, and
// that a run which was held back has already.
func (r *run) foundOnce(ctx context.Context) ([]ledger.Finding, error) {
	if r.Held {
		old, err := r.ledger.Findings(ctx, r.ID)
		return slices.DeleteFunc(old, func(f ledger.Finding) bool { return !slices.Contains(onlyOnce, f.Check) }), err
	}
	added, known, err := r.newPatients(ctx)
	list := slices.Clone(r.postponed)
	for _, f := range slices.Concat(checks.Incomplete(r.batch.Failures.Issues, r.batch.Failures.String()), checks.Missing(r.batch.Missing, r.Full), checks.NewPatients(added, known)) {
		list = append(list, ledger.Finding(f))
	}
	return list, err
}

// past is what earlier syncs of the source brought, of everything or of changes as
// this one.
func (r *run) past(ctx context.Context) (past []checks.Past, err error) {
	volumes, err := r.ledger.Volumes(ctx, r.Source, r.Full)
	last := ""
	for _, v := range volumes {
		if v.Run != last {
			past = append(past, checks.Past{Started: v.Started, Lines: map[string]int64{}})
			last = v.Run
		}
		if v.ResourceType != "" || v.Lines > 0 {
			past[len(past)-1].Lines[v.ResourceType] = v.Lines
		}
	}
	return past, err
}

const patientTable = "patient"

// newPatients counts the patients that the run brought and nobody knew, and those that
// were known of its source.
func (r *run) newPatients(ctx context.Context) (added, known int, err error) {
	brought, err := r.brought(ctx, patientTable)
	if err != nil || len(brought) == 0 {
		return 0, 0, err
	}
	brought = slices.Compact(brought)
	added = len(brought)
	err = r.parquet.Resources(patientTable, r.Source, func(x parquet.Resource) {
		known++
		if _, ok := slices.BinarySearch(brought, xxh3.HashString(x.ID)); ok {
			added--
		}
	})
	return added, known, err
}

// recordChecks writes what the checks found into ClickHouse's _check.
func (r *run) recordChecks(ctx context.Context) error {
	found, err := r.ledger.Findings(ctx, r.ID)
	var rows []clickhouse.CheckRow
	for _, f := range found {
		rows = append(rows, clickhouse.CheckRow{RunID: r.ID, Check: f.Check, Subject: f.Subject, Grade: f.Grade, Found: f.Found, Expected: f.Expected, Text: f.Text})
	}
	return errors.Join(err, r.options.Warehouse.RecordChecks(ctx, rows))
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/load/parquet"
)

// lake is an open lake that this process alone may change.
type lake struct {
	options    Options
	lock       *ledger.Lock
	ledger     *ledger.Ledger
	parquet    *parquet.Lake
	quarantine quarantine.Dir
	archive    archive.Dir
	open       *ledger.Run      // an interrupted run to go on with
	unfit      map[string]error // views that the tables do not allow
}

// openLake takes the lake's lock and settles what a crash left.
func openLake(ctx context.Context, o Options) (_ *lake, err error) {
	p, err := parquet.Open(o.Lake)
	if err != nil {
		return nil, err
	}
	lock, err := ledger.Acquire(o.Lake)
	if err != nil {
		return nil, err
	}
	l := &lake{options: o, lock: lock, parquet: p, quarantine: quarantine.In(o.Lake, o.Keys), archive: archive.In(o.Lake, o.Keys)}
	settled := false
	defer func() {
		if !settled {
			err = errors.Join(err, l.close())
		}
	}()
	if err := hasLedger(o.Lake, p); err != nil {
		return nil, err
	}
	if l.ledger, err = ledger.Open(ctx, o.Lake); err != nil {
		return nil, err
	}
	if err := l.ledger.MaySeal(ctx, o.Keys); err != nil {
		return nil, err
	}
	l.ledger.SealWith(o.Keys)
	if err := fits(ctx, l.ledger, o.Lake, p); err != nil {
		return nil, err
	}
	if o.Audit != nil {
		if err := fitsTrail(ctx, l.ledger, o.Audit.Dir()); err != nil {
			return nil, err
		}
	}
	if err := noteTrail(ctx, l.ledger, o.Audit); err != nil {
		return nil, err
	}
	if err := l.settle(ctx); err != nil {
		return nil, fmt.Errorf("settle what the last run left: %w", err)
	}
	settled = true
	return l, nil
}

func (l *lake) close() error {
	var err error
	if l.ledger != nil {
		err = l.ledger.Close()
	}
	return errors.Join(err, l.lock.Release())
}

// settle completes runs whose promote had begun, drops other dead ones, and
// removes what no run knows.
func (l *lake) settle(ctx context.Context) error {
	if err := l.parquet.Compare(l.options.Plan.Schemas()); err != nil {
		return err
	}
	if w := l.options.Warehouse; w != nil {
		if err := w.Migrate(ctx, l.options.Plan.Schemas()); err != nil {
			return err
		}
		var err error
		if l.unfit, err = w.MakeViews(ctx, l.options.Views); err != nil {
			return err
		}
		for name, why := range l.unfit {
			l.options.Log.Warn("the tables do not have what a view reads", "view", name, "error", why)
		}
	}
	dead, err := l.ledger.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, r := range dead {
		if err := l.settleRun(ctx, r); err != nil {
			return fmt.Errorf("run %d: %w", r.Number, err)
		}
	}
	return errors.Join(l.sweep(ctx), writeRecords(ctx, l.ledger, l.options.Lake, false))
}

// Settle completes the runs of a lake whose promote had begun when their process ended,
// so that what is asked of the ledger next counts them. Other runs stay as they are.
func Settle(ctx context.Context, o Options) error {
	var promoting bool
	err := readLedger(ctx, o.Lake, func(l *ledger.Ledger) error {
		dead, err := l.Unfinished(ctx)
		promoting = slices.ContainsFunc(dead, func(r ledger.Run) bool { return r.State == ledger.Promoting })
		return err
	})
	if err != nil || !promoting {
		return err
	}
	o.leave = true
	l, err := openLake(ctx, o)
	if err != nil {
		return err
	}
	return l.close()
}

func (l *lake) settleRun(ctx context.Context, r ledger.Run) error {
	if r.State == ledger.Promoting {
		l.options.Log.Info("complete the interrupted promote", "run", r.ID)
		run, err := l.resume(ctx, r)
		if err != nil {
			return err
		}
		if err := run.record(audit.Event{Action: "promote", Object: "after an interruption"}); err != nil {
			return err
		}
		return run.promote(ctx)
	}
	if r.Sealed != nil {
		return r.Sealed
	}
	if l.options.leave && (l.options.Only == "" || l.options.Only == r.ID) {
		l.open = &r
		return nil
	}
	if l.open == nil && l.continues(r) {
		l.options.Log.Info("go on with the interrupted run", "run", r.ID)
		l.open = &r
		return nil
	}
	if l.options.Only == r.ID {
		return ErrOther
	}
	if r.Held { // nothing is lost: its source's next sync brings the same again
		l.options.Log.Warn("a sync that was held back is dropped, since something else was asked for", "run", r.ID, "source", r.Source)
	}
	return l.drop(ctx, r.ID, "interrupted")
}

// ErrOther says that an interrupted run was asked for with other settings.
var ErrOther = errors.New("cannot resume: request, mappings or warehouse changed since the interrupted run; restore the configuration or run claimlake cancel")

// continues reports whether the run that the options ask for is r.
func (l *lake) continues(r ledger.Run) bool {
	o := l.options
	return o.Resume && (o.Only == "" || o.Only == r.ID) && r.Kind == o.Kind && r.Source == o.Source && r.Request == o.Request &&
		r.Warehouse == (o.Warehouse != nil) && r.Mapping == l.mappingHash()
}

// ErrSubset says that a sync of some elements would replace complete resources.
var ErrSubset = errors.New("an export of some elements (export.elements) would replace the complete resources that are loaded: give it a source.name of its own")

// mayReplace refuses a sync that asks for some elements of a source that was loaded
// complete: the newer copies would win, with less in them.
func (l *lake) mayReplace(ctx context.Context) error {
	if !l.options.Subset {
		return nil
	}
	runs, err := l.ledger.Runs(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Source == l.options.Source && r.State == ledger.Promoted && !r.Subset {
			return fmt.Errorf("%w (run %d)", ErrSubset, r.Number)
		}
	}
	return nil
}

// drop gives a run up that readers have not seen. Its rows are garbage then. The ledger
// says so before anything goes: a run without its files must not be gone on with.
func (l *lake) drop(ctx context.Context, runID, reason string) error {
	l.options.Log.Info("drop the run", "run", runID, "reason", reason)
	if err := l.options.Audit.Append(audit.Event{Action: "run.drop", Run: runID}); err != nil {
		return err
	}
	if err := l.ledger.Fail(ctx, runID, reason); err != nil {
		return err
	}
	return errors.Join(l.quarantine.Drop(runID), l.archive.Drop(runID))
}

// sweep removes the files and rows of dead runs.
func (l *lake) sweep(ctx context.Context) error {
	if err := l.retire(ctx); err != nil {
		return err
	}
	parts, err := l.ledger.LiveParts(ctx)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, p := range parts {
		live[p.Path] = true
	}
	if err := l.parquet.Sweep(func(path string) bool { return live[path] }); err != nil {
		return err
	}
	if err := errors.Join(l.sweepArchive(ctx), l.sweepQuarantine(ctx)); err != nil {
		return err
	}
	if w := l.options.Warehouse; w != nil && l.open == nil {
		return w.Sweep(ctx, l.options.Plan.Schemas())
	}
	return nil
}

// retire forgets the parts of old runs that nobody reads, so that they are swept.
func (l *lake) retire(ctx context.Context) error {
	if l.options.KeepParts == 0 {
		return nil
	}
	old, err := l.ledger.PartsBefore(ctx, time.Now().Add(-l.options.KeepParts))
	if err != nil || len(old) == 0 {
		return err
	}
	var paths []string
	for _, p := range old {
		paths = append(paths, p.Path)
	}
	gone, err := l.parquet.Superseded(paths)
	if err != nil || len(gone) == 0 {
		return err
	}
	l.options.Log.Info("remove files of old runs that nobody reads", "files", len(gone))
	if err := l.forgetRecords(ctx, gone); err != nil {
		return err
	}
	return l.ledger.ForgetParts(ctx, gone)
}

// sweepArchive removes pages of dead runs, and those that were kept long enough.
func (l *lake) sweepArchive(ctx context.Context) error {
	if l.options.Archive && l.options.KeepPages > 0 {
		if err := l.ledger.ForgetArchived(ctx, time.Now().Add(-l.options.KeepPages)); err != nil {
			return err
		}
	}
	paths, err := l.ledger.ArchivePaths(ctx)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, path := range paths {
		live[path] = true
	}
	return l.archive.Sweep(func(path string) bool { return live[path] })
}

// sweepQuarantine removes the lines of dead runs.
func (l *lake) sweepQuarantine(ctx context.Context) error {
	runs, err := l.ledger.Runs(ctx)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, r := range runs {
		live[r.ID] = r.State != ledger.Failed
	}
	return l.quarantine.Sweep(func(run string) bool { return live[run] })
}

// mappingHash stands for all mappings in use.
func (l *lake) mappingHash() string {
	h := xxh3.New()
	for _, s := range l.options.Plan.Schemas() {
		_, _ = h.WriteString(s.String())
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// LastFull is when the source's last sync that asked for everything began; zero before
// the first.
func LastFull(ctx context.Context, dir, source string) (time.Time, error) {
	last, err := lastSync(ctx, dir, source, func(r ledger.Run) bool { return r.Full })
	return last.Started, err
}

// LastRequest is what the source's last sync asked for; "" before the first.
func LastRequest(ctx context.Context, dir, source string) (string, error) {
	last, err := lastSync(ctx, dir, source, func(ledger.Run) bool { return true })
	return last.Request, err
}

// LastNotRead are the types that the source's last sync could not bring.
func LastNotRead(ctx context.Context, dir, source string) (n ledger.NotRead, err error) {
	last, err := lastSync(ctx, dir, source, func(ledger.Run) bool { return true })
	if err != nil || last.ID == "" {
		return n, err
	}
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		n, err = l.NotRead(ctx, last.ID)
		return err
	})
	return n, err
}

// lastSync is the source's last sync that readers see, of those that are wanted; none is
// no run.
func lastSync(ctx context.Context, dir, source string, wanted func(ledger.Run) bool) (last ledger.Run, err error) {
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		runs, err := l.Runs(ctx)
		for _, r := range runs { // the newest first
			if r.Source == source && r.Kind == "sync" && r.State == ledger.Promoted && wanted(r) {
				last = r
				break
			}
		}
		return err
	})
	return last, err
}

// Watermark is the transactionTime of the source's last sync into the lake, from
// which on to ask for changes; zero before the first.
func Watermark(ctx context.Context, dir, source string) (at time.Time, err error) {
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		at, err = l.Watermark(ctx, source)
		return err
	})
	return at, err
}

// readLedger opens the ledger of a lake for as long as read takes, if there is one.
func readLedger(ctx context.Context, dir string, read func(*ledger.Ledger) error) error {
	if _, err := os.Stat(filepath.Join(dir, ledger.FileName)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	l, err := ledger.Open(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(read(l), l.Close())
}

package parquet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/claimlake/claimlake/internal/durable"
)

// Promoted says what a run brought.
type Promoted struct {
	Rows       map[string]int64 // rows that the run brought, of each of its tables; tombstones not counted
	Tombstones int64            // resources that the run says are deleted
}

// Promote makes the run's parts visible, in all tables at once: it builds the
// next snapshot and lets current point to it. parts are those that the ledger
// knows. Interrupted anywhere, it may be called again; a second call changes
// nothing.
func (r *Run) Promote(ctx context.Context, parts []Part) (Promoted, error) {
	current, err := r.lake.current()
	if err != nil {
		return Promoted{}, err
	}
	done, ok, err := current.find(r)
	if err == nil && !ok {
		done, err = r.publish(ctx, current, parts)
	}
	if err != nil {
		return Promoted{}, fmt.Errorf("promote run %d: %w", r.number, err)
	}
	return Promoted{Rows: done.Rows, Tombstones: done.Tombstones}, nil
}

// publish builds the snapshot after current and switches to it.
func (r *Run) publish(ctx context.Context, current snapshot, parts []Part) (promotedRun, error) {
	b := &build{run: r, from: current, to: snapshot{number: current.number + 1, Sums: map[string]string{}}, rows: map[string]int64{}, losers: map[string]losers{}}
	b.me = promotedRun{ID: r.id, Number: r.number, Rows: map[string]int64{}}
	if err := b.gather(parts); err != nil {
		return promotedRun{}, err
	}
	for _, root := range r.order {
		if !r.layouts[root].IsRoot() || b.rows[root] == 0 {
			continue
		}
		if err := b.decide(ctx, root); err != nil {
			return promotedRun{}, fmt.Errorf("compare copies of %s: %w", root, err)
		}
	}
	if err := b.fill(ctx); err != nil {
		return promotedRun{}, fmt.Errorf("build snapshot %d: %w", b.to.number, err)
	}
	if err := b.compact(ctx); err != nil {
		return promotedRun{}, fmt.Errorf("put small files of snapshot %d together: %w", b.to.number, err)
	}
	if err := b.addEmpty(); err != nil {
		return promotedRun{}, fmt.Errorf("add empty files to snapshot %d: %w", b.to.number, err)
	}
	if err := b.seal(); err != nil {
		return promotedRun{}, fmt.Errorf("publish snapshot %d: %w", b.to.number, err)
	}
	return b.me, nil
}

// step is a point at which a promote may be interrupted.
func (l *Lake) step(name string) error {
	if l.fault == nil {
		return nil
	}
	return l.fault(name)
}

// seal lists the runs, makes the snapshot durable, gives it its name and lets
// current point to it: before the last rename readers see the old state, after
// it the new.
func (b *build) seal() error {
	l := b.run.lake
	if err := b.writeRuns(); err != nil {
		return err
	}
	final := l.abs(b.to.dir())
	if err := l.step("name the snapshot"); err != nil {
		return err
	}
	// A snapshot after the current one was finished, but never published.
	if err := durable.RemoveAll(final); err != nil {
		return err
	}
	if err := durable.Rename(l.abs(b.dir()), final); err != nil {
		return err
	}
	if err := durable.SyncDir(l.abs(snapshotsDir)); err != nil {
		return err
	}
	if err := l.step("switch current"); err != nil {
		return err
	}
	return l.point(b.to)
}

// point lets current point to a snapshot.
func (l *Lake) point(s snapshot) error {
	link := l.abs(currentName + tempMark)
	if err := durable.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := durable.Symlink(s.dir(), link); err != nil {
		return err
	}
	if err := l.step("rename current"); err != nil {
		return err
	}
	if err := durable.Rename(link, l.abs(currentName)); err != nil {
		return err
	}
	return durable.SyncDir(l.dir)
}

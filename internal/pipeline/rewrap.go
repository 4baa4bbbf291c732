package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/load/parquet"
)

// Rewrapped is what Rewrap sealed again.
type Rewrapped struct {
	ArchiveFiles    int
	QuarantinePages int
	Plain           int // files of the archive that were never sealed, and still are not
}

// Forget takes out of the key set the keys that are not in use. It notes them first.
type Forget func(inUse map[uint32]bool, note func(ids []uint32) error) error

// Rewrap seals again, by the key that seals now, what the lake in dir keeps sealed, in its
// ledger too, so that the older keys are
// needed no more. Then, with the lake still locked, it calls forget, unless that is nil. Interrupted anywhere, it may be done again.
func Rewrap(ctx context.Context, dir string, keys *seal.Keys, forget Forget) (done Rewrapped, err error) {
	lock, err := ledger.Acquire(dir)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	p, err := parquet.Open(dir)
	if err != nil {
		return done, err
	}
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		if err := fits(ctx, l, dir, p); err != nil { // it would pass over what newer runs keep
			return err
		}
		if err := l.MaySeal(ctx, keys); err != nil {
			return err
		}
		l.SealWith(keys)
		if err := l.Rewrap(ctx); err != nil {
			return err
		}
		if err := writeRecords(ctx, l, dir, true); err != nil { // they have what the ledger has
			return err
		}
		paths, err := l.ArchivePaths(ctx)
		if err != nil {
			return err
		}
		for _, path := range paths {
			if err := errors.Join(ctx.Err(), rewrapFile(ctx, l, archive.In(dir, keys), path, &done)); err != nil {
				return fmt.Errorf("seal %s again: %w", path, err)
			}
		}
		return nil
	})
	if err == nil {
		done.QuarantinePages, err = quarantine.In(dir, keys).Rewrap()
	}
	if err == nil && forget != nil {
		err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
			used, err := inUse(ctx, l, dir)
			if err != nil {
				return err
			}
			return forget(used, func(ids []uint32) error { return l.ForgetKeys(ctx, ids) })
		})
	}
	return done, err
}

func rewrapFile(ctx context.Context, l *ledger.Ledger, a archive.Dir, path string, done *Rewrapped) error {
	pages, err := l.ArchivedIn(ctx, path)
	if err != nil || len(pages) == 0 {
		return err
	}
	var places []archive.Place
	for _, p := range pages {
		places = append(places, archive.Place(p))
	}
	if !places[0].IsSealed() {
		done.Plain++
		return nil
	}
	done.ArchiveFiles++
	return a.Rewrap(places)
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
)

// ErrTrail says that a lake's audit trail is not the one that its ledger knows.
var ErrTrail = errors.New("the ledger knows another audit trail, or a longer one: put the lake's folder audit back from a backup, or begin a new one with claimlake audit restart, which records that")

// CheckTrail compares the audit trail of the lake in dir with what its ledger knows of
// it. The error is ErrTrail where the trail is gone, shorter or another one.
func CheckTrail(ctx context.Context, dir string) error {
	return readLedger(ctx, dir, func(l *ledger.Ledger) error { return fitsTrail(ctx, l, TrailDir(dir)) })
}

func fitsTrail(ctx context.Context, l *ledger.Ledger, dir string) error {
	known, ok, err := l.Trail(ctx)
	if err != nil || !ok {
		return err
	}
	err = audit.Has(dir, audit.Mark(known))
	if errors.Is(err, audit.ErrAltered) {
		return fmt.Errorf("%w: %w", ErrTrail, err)
	}
	return err
}

// NoteTrail lets the ledger of the lake in dir know how long its trail is, if there is a
// ledger.
func NoteTrail(ctx context.Context, dir string, trail *audit.Trail) error {
	return readLedger(ctx, dir, func(l *ledger.Ledger) error { return noteTrail(ctx, l, trail) })
}

func noteTrail(ctx context.Context, l *ledger.Ledger, trail *audit.Trail) error {
	if trail == nil {
		return nil
	}
	mark, err := trail.Mark()
	if err != nil {
		return err
	}
	return l.SetTrail(ctx, ledger.Trail(mark))
}

// RestartTrail lets a lake go on whose audit trail is not the one that its ledger knows,
// and records that with the reason. A trail that is whole goes on, and is only shorter;
// another folder gets another name. The error says where there is nothing to restart.
func RestartTrail(ctx context.Context, dir, purpose, version, reason string) (err error) {
	lock, err := ledger.Acquire(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	err = CheckTrail(ctx, dir)
	if err == nil {
		return errors.New("the audit trail is the one that the ledger knows: there is nothing to restart")
	}
	if !errors.Is(err, ErrTrail) {
		return err
	}
	if _, err := audit.Verify(TrailDir(dir), "", ""); err != nil {
		if err := setTrailAside(dir); err != nil {
			return err
		}
	}
	trail, err := audit.Open(audit.Options{Dir: TrailDir(dir), Purpose: purpose, Version: version})
	if err != nil {
		return err
	}
	return readLedger(ctx, dir, func(l *ledger.Ledger) error {
		known, _, err := l.Trail(ctx)
		if err != nil {
			return err
		}
		if err := trail.Append(audit.Event{Action: "audit.restart", Object: fmt.Sprintf("%d:%s", known.Seq, known.Hash), Reason: reason}); err != nil {
			return err
		}
		return noteTrail(ctx, l, trail)
	})
}

// setTrailAside gives a trail's folder, if it is there, a name that nobody reads.
func setTrailAside(dir string) error {
	aside := TrailDir(dir) + "-replaced-" + time.Now().UTC().Format("20060102T150405.000000")
	if err := durable.Rename(TrailDir(dir), aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(dir)
}

// SureTime is the latest time that is sure: that of this machine's clock, or the latest
// transactionTime that a server gave, if the clock is ahead of it.
func SureTime(ctx context.Context, dir string) (time.Time, error) {
	now := time.Now()
	err := readLedger(ctx, dir, func(l *ledger.Ledger) error {
		at, err := l.ServerTime(ctx)
		if err == nil && !at.IsZero() && at.Before(now) {
			now = at
		}
		return err
	})
	return now, err
}

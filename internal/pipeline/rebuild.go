package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
)

// ErrRebuild says why a ledger is not made again.
var ErrRebuild = errors.New("the ledger cannot be made again")

// rebuiltDir is where a ledger is made before it gets its place.
const rebuiltDir = ".rebuild"

// RebuildLedger makes the ledger of the lake in dir again from the records of its
// promoted runs, and gives how many there are. What it cannot know is: runs that were
// not promoted, which begin again, and hooks that were not told yet. The folder is one
// that HasRecords is true of: another would become a lake. The error is an
// ErrRebuild where there is a ledger that fits the lake or cannot be read, or runs
// without a record. A ledger that does not fit stays, with another name.
func RebuildLedger(ctx context.Context, dir string) (runs int, err error) {
	p, err := parquet.Open(dir)
	if err != nil {
		return 0, err
	}
	lock, err := ledger.Acquire(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	old, err := oldLedger(ctx, dir, p)
	if err != nil {
		return 0, err
	}
	records, err := readRecords(dir)
	if err != nil {
		return 0, err
	}
	made := filepath.Join(dir, rebuiltDir)
	if err := errors.Join(durable.RemoveAll(made), durable.MkdirAll(made)); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	defer func() { err = errors.Join(err, durable.RemoveAll(made)) }()
	if err := restore(ctx, made, records, p); err != nil {
		return 0, err
	}
	if err := moveAway(old); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	if err := durable.Rename(filepath.Join(made, ledger.FileName), filepath.Join(dir, ledger.FileName)); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	return len(records), durable.SyncDir(dir)
}

// oldLedger gives the files of a ledger that is there and does not fit the lake. One that
// fits, or cannot be read, is an ErrRebuild.
func oldLedger(ctx context.Context, dir string, p *parquet.Lake) ([]string, error) {
	files, err := durable.Glob(dir, ledger.FileName+"*") // SQLite would read what an old -wal has
	if err != nil || len(files) == 0 {
		return nil, err
	}
	var unfit error
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		unfit = fits(ctx, l, dir, p)
		return nil
	})
	if err != nil || !errors.Is(unfit, ErrOtherLedger) {
		return nil, fmt.Errorf("%w: there is one: move %s away if it is of no use", ErrRebuild, strings.Join(files, " and "))
	}
	return durable.Glob(dir, ledger.FileName+"*") // closing it may have removed some
}

// moveAway gives the files of a ledger names that nobody reads, durably: SQLite would read
// an old -wal with a new ledger.
func moveAway(files []string) error {
	stamp := time.Now().UTC().Format("20060102T150405.000000")
	for _, path := range files {
		dir, name := filepath.Split(path)
		if err := durable.Rename(path, filepath.Join(dir, "replaced-"+stamp+"-"+name)); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return nil
	}
	return durable.SyncDir(filepath.Dir(files[0]))
}

// HasRecords reports whether a folder has records of runs.
func HasRecords(dir string) bool {
	names, err := durable.Glob(filepath.Join(dir, recordsDir), "*.json")
	return err == nil && len(names) > 0
}

// restore makes a ledger in the folder made, and looks whether it knows all runs of the
// lake.
func restore(ctx context.Context, made string, records [][]byte, p *parquet.Lake) (err error) {
	l, err := ledger.Open(ctx, made)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Restore(ctx, records); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	shown, err := p.Runs()
	if err != nil {
		return err
	}
	for _, id := range shown {
		if _, err := l.Run(ctx, id); err != nil {
			return fmt.Errorf("%w: readers see rows of run %s, of which %s has no record: put that folder back from a backup", ErrRebuild, id, recordsDir)
		}
	}
	return nil
}

// readRecords reads the records of a lake's runs, by number.
func readRecords(dir string) ([][]byte, error) {
	names, err := durable.Glob(filepath.Join(dir, recordsDir), "*.json")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var records [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRebuild, err)
		}
		records = append(records, text)
	}
	return records, nil
}

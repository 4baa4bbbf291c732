package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
)

// recordsDir is the lake's folder with what the ledger has of each promoted run, a file
// each, of which the ledger can be made again.
const recordsDir = "records"

func recordPath(dir string, number uint32) string {
	return filepath.Join(dir, recordsDir, fmt.Sprintf("%06d.json", number))
}

// writeRecord keeps what the ledger has of a promoted run beside the run's rows.
func writeRecord(ctx context.Context, l *ledger.Ledger, dir string, r ledger.Run) error {
	text, err := l.Record(ctx, r.ID)
	if err == nil {
		err = durable.MkdirAll(filepath.Join(dir, recordsDir))
	}
	if err == nil {
		err = durable.Write(recordPath(dir, r.Number), text)
	}
	if err != nil {
		return fmt.Errorf("keep the record of run %d: %w", r.Number, err)
	}
	return nil
}

// writeRecords keeps those of all promoted runs, or only those that are missing: of a
// run after whose promote the process died, or whose files were removed since.
func writeRecords(ctx context.Context, l *ledger.Ledger, dir string, all bool) error {
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State != ledger.Promoted {
			continue
		}
		if _, err := os.Stat(recordPath(dir, r.Number)); err == nil && !all {
			continue
		}
		if err := writeRecord(ctx, l, dir, r); err != nil {
			return err
		}
	}
	return nil
}

// forgetRecords removes the records of the runs whose parts are gone, so that new ones
// are kept.
func (l *lake) forgetRecords(ctx context.Context, parts []string) error {
	runs, err := l.ledger.Runs(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		its := func(part string) bool { return strings.Contains(part, "/"+r.ID+"/") }
		if !slices.ContainsFunc(parts, its) {
			continue
		}
		if err := durable.Remove(recordPath(l.options.Lake, r.Number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget the record of run %d: %w", r.Number, err)
		}
	}
	return nil
}

// ErrNoLedger says that a lake has rows, and nothing that says of which runs they are.
var ErrNoLedger = errors.New("the lake's ledger is not there: put it back from a backup, or make it again with claimlake ledger rebuild")

// hasLedger refuses a lake that has runs but no ledger: with a new one its rows would
// belong to nobody, and be removed.
func hasLedger(dir string, p *parquet.Lake) error {
	if _, err := os.Stat(filepath.Join(dir, ledger.FileName)); err == nil {
		return nil
	}
	runs, err := p.Runs()
	if err != nil {
		return err
	}
	if len(runs) > 0 {
		return ErrNoLedger
	}
	return nil
}

package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
)

// recordsDir is the lake's folder with what the ledger has of each promoted run, a file
// each, of which the ledger can be made again.
const recordsDir = "records"

func recordPath(dir string, number uint32) string {
	return filepath.Join(dir, recordsDir, fmt.Sprintf("%06d.json", number))
}

// writeRecord keeps what the ledger has of a promoted run next to the run's rows.
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

// forgetRecords removes the records of the runs whose parts are going, so that new ones
// are kept: durably, since one that came back would name parts that are gone.
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
		if err := durable.Discard(recordPath(l.options.Lake, r.Number)); err != nil {
			return fmt.Errorf("forget the record of run %d: %w", r.Number, err)
		}
	}
	return nil
}

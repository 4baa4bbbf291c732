package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
)

var (
	// ErrNoLedger says that a lake has rows, and nothing that says of which runs they are.
	ErrNoLedger = errors.New("the lake's ledger is not there: put it back from a backup, or make it again with claimlake ledger rebuild")
	// ErrOtherLedger says that a lake has runs that its ledger does not know as promoted.
	ErrOtherLedger = errors.New("the ledger is older than the lake, or of another one, and nothing was changed: put back the ledger.db that belongs to the lake, or make it again with claimlake ledger rebuild")
)

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
	if len(runs) > 0 || HasRecords(dir) {
		return ErrNoLedger
	}
	return nil
}

// fits refuses a ledger that does not know each promoted run of the lake in dir: what it
// does not know would be removed as what a dead run left. The lake's runs are those that
// readers see and those that have a record. One whose promote the ledger has begun is
// known: it is completed.
func fits(ctx context.Context, l *ledger.Ledger, dir string, p *parquet.Lake) error {
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	byID, byNumber := map[string]bool{}, map[uint32]string{}
	for _, r := range runs {
		if r.State == ledger.Promoted || r.State == ledger.Promoting {
			byID[r.ID], byNumber[r.Number] = true, r.ID
		}
	}
	shown, err := p.Runs()
	if err != nil {
		return err
	}
	for _, id := range shown {
		if !byID[id] {
			return fmt.Errorf("%w: readers see run %s, which is not promoted there", ErrOtherLedger, id)
		}
	}
	return fitsRecords(dir, byNumber)
}

// fitsRecords compares the records with the promoted runs of a ledger: all by their
// number, and the newest, since all would be much to read, by its id too.
func fitsRecords(dir string, promoted map[uint32]string) error {
	names, err := durable.Glob(filepath.Join(dir, recordsDir), "*.json")
	if err != nil {
		return err
	}
	slices.Sort(names)
	for i, name := range names {
		var number uint32
		if _, err := fmt.Sscanf(filepath.Base(name), "%d.json", &number); err != nil {
			continue // not one of ours
		}
		id, ok := promoted[number]
		if ok && i == len(names)-1 {
			ok = recordIs(name, id)
		}
		if !ok {
			return fmt.Errorf("%w: %s is of run %d, which is not promoted there", ErrOtherLedger, filepath.Join(recordsDir, filepath.Base(name)), number)
		}
	}
	return nil
}

// recordIs reports whether a record is that of a run; one that cannot be read says nothing.
func recordIs(path, id string) bool {
	var r struct {
		Run []struct {
			ID string `json:"id"`
		} `json:"run"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &r) != nil || len(r.Run) != 1 {
		return true
	}
	return r.Run[0].ID == id
}

package parquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// promotedName is the file of a snapshot that lists the runs in it.
const promotedName = "_promoted.json"

// deletedDir is the folder of a snapshot with the tombstones that still count,
// by table. Readers of <table>/*.parquet do not see it.
const deletedDir = "_deleted"

// ErrRunNumber says that another run has the number. It happens when the ledger
// was replaced and counts again.
var ErrRunNumber = errors.New("the run's number is taken")

// snapshot is a state that readers see, or saw.
type snapshot struct {
	number int           // 0 before the first promote
	Runs   []promotedRun `json:"runs"`

	// Sums are the SHA-256, hex, of its files, by their path in its folder. A snapshot
	// that an older claimlake made has none, and those after it none of the files that
	// stayed.
	Sums map[string]string `json:"sums,omitempty"`
}

// promotedRun is a run in a snapshot. Its number is a part of its rows' rank.
type promotedRun struct {
	ID         string           `json:"id"`
	Number     uint32           `json:"number"`
	Rows       map[string]int64 `json:"rows"`
	Tombstones int64            `json:"tombstones"`
}

// dir is the snapshot's folder, relative to the lake.
func (s snapshot) dir() string { return path.Join(snapshotsDir, strconv.Itoa(s.number)) }

// current is the snapshot that readers see.
func (l *Lake) current() (snapshot, error) {
	target, err := os.Readlink(l.abs(currentName))
	if errors.Is(err, fs.ErrNotExist) {
		return snapshot{}, nil
	}
	if err != nil {
		return snapshot{}, fmt.Errorf("find the current snapshot: %w", err)
	}
	n, err := strconv.Atoi(path.Base(target))
	if err != nil || n < 1 {
		return snapshot{}, fmt.Errorf("find the current snapshot: %s does not point to a snapshot", currentName)
	}
	s := snapshot{number: n}
	raw, err := os.ReadFile(l.abs(path.Join(s.dir(), promotedName)))
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return snapshot{}, fmt.Errorf("read the current snapshot: %w", err)
	}
	return s, nil
}

// Runs gives the ids of the runs whose rows readers see, in the order of their promotes.
func (l *Lake) Runs() ([]string, error) {
	s, err := l.current()
	var ids []string
	for _, r := range s.Runs {
		ids = append(ids, r.ID)
	}
	return ids, err
}

// find looks for a run. The error is ErrRunNumber when another has its number.
func (s snapshot) find(r *Run) (promotedRun, bool, error) {
	for _, p := range s.Runs {
		switch {
		case p.ID == r.id && p.Number == r.number:
			return p, true, nil
		case p.ID == r.id || p.Number == r.number:
			return promotedRun{}, false, fmt.Errorf("%w: run %s has number %d, and number %d was promoted as %s: use the ledger that belongs to this lake, or another lake", ErrRunNumber, r.id, r.number, p.Number, p.ID)
		}
	}
	return promotedRun{}, false, nil
}

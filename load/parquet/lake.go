package parquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
)

// Names in the lake's folder.
const (
	markerName   = "lake.json"
	runsDir      = "runs"
	snapshotsDir = "snapshots"
	currentName  = "current"
)

// LayoutVersion is the version of the lake's layout that this package reads and
// writes.
const LayoutVersion = 1

// ErrNotLake says that a folder is no lake that this version may write to.
var ErrNotLake = errors.New("not a lake")

// Lake is a folder of Parquet files. One process at a time may change it, which
// the ledger's lock takes care of; any number may read it.
type Lake struct {
	dir       string
	contested int                     // resources whose copies are compared at a time
	small     smallFiles              // what is put together
	fault     func(step string) error // tests: what happens before each step of a promote
}

// Open opens the lake in dir and makes it when dir is not there or holds
// nothing but the ledger. The error is ErrNotLake when dir holds something else
// or a lake of another layout.
func Open(dir string) (*Lake, error) {
	l := &Lake{dir: dir, contested: maxContested, small: smallFiles{count: 32, bytes: 4 << 20}}
	raw, err := os.ReadFile(l.abs(markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return l, l.found()
	}
	if err != nil {
		return nil, fmt.Errorf("open lake: %w", err)
	}
	var m marker
	if err := json.Unmarshal(raw, &m); err != nil || m.Layout != LayoutVersion {
		return nil, fmt.Errorf("open lake %s: %w: %s says layout %d, this version of claimlake knows layout %d; use the version that made it, or another folder", dir, ErrNotLake, markerName, m.Layout, LayoutVersion)
	}
	return l, l.makeDirs()
}

// marker is the content of the file that says what the folder is.
type marker struct {
	Layout int `json:"claimlake_layout"`
}

// found makes a new lake.
func (l *Lake) found() error {
	if err := durable.MkdirAll(l.dir); err != nil {
		return fmt.Errorf("make lake: %w", err)
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("make lake: %w", err)
	}
	for _, e := range entries {
		if name := e.Name(); name != markerName+durable.PartMark && name != markerName+tempMark && !strings.HasPrefix(name, "ledger.db") && name != ".lock" {
			return fmt.Errorf("make lake in %s: %w: the folder holds something else, such as %q; use an empty or a new folder", l.dir, ErrNotLake, name)
		}
	}
	text, err := json.Marshal(marker{Layout: LayoutVersion})
	if err == nil {
		err = durable.Write(l.abs(markerName), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("make lake: %w", err)
	}
	return l.makeDirs()
}

// makeDirs makes the folders of a lake that has its marker.
func (l *Lake) makeDirs() error {
	for _, name := range []string{runsDir, snapshotsDir} {
		if err := durable.MkdirAll(l.abs(name)); err != nil {
			return fmt.Errorf("make lake: %w", err)
		}
	}
	return nil
}

// abs is the path of a file of the lake, given relative to it with slashes.
func (l *Lake) abs(rel string) string { return filepath.Join(l.dir, filepath.FromSlash(rel)) }

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// checkName refuses what cannot be the name of a folder in the lake. A leading
// underscore is the lake's own.
func checkName(what, name string) error {
	if !plainName.MatchString(name) || strings.HasSuffix(name, tempMark) {
		return fmt.Errorf("%s %q cannot be a folder's name: want letters, digits, '_', '-' and '.', a letter or digit first", what, name)
	}
	return nil
}

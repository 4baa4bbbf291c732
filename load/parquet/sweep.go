package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
)

// keptSnapshots is how many snapshots stay, the current one counted: whoever
// opened files through current a moment ago can still read them.
const keptSnapshots = 3

// Sweep removes what dead runs left: temporary files, parts of which known does
// not know the path (relative to the lake, with slashes), snapshots that were
// not finished or not published, and all but the newest few of the others. No
// run may be at work.
func (l *Lake) Sweep(known func(path string) bool) error {
	if err := errors.Join(l.sweepRuns(known), l.sweepSnapshots()); err != nil {
		return fmt.Errorf("sweep the lake: %w", err)
	}
	return nil
}

func (l *Lake) sweepRuns(known func(path string) bool) error {
	var dirs []string
	err := fs.WalkDir(os.DirFS(l.dir), runsDir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, name)
			return nil
		case strings.HasSuffix(name, tempMark) || !known(name):
			return durable.Remove(l.abs(name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := len(dirs) - 1; i > 0; i-- { // the deepest first; runs itself stays
		if entries, err := os.ReadDir(l.abs(dirs[i])); err != nil || len(entries) > 0 {
			continue
		}
		if err := durable.Remove(l.abs(dirs[i])); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) sweepSnapshots() error {
	current, err := l.current()
	if err != nil {
		return err
	}
	if err := durable.Remove(l.abs(currentName + tempMark)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(l.abs(snapshotsDir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err == nil && n <= current.number && n > current.number-keptSnapshots {
			continue
		}
		if err := durable.RemoveAll(l.abs(path.Join(snapshotsDir, e.Name()))); err != nil {
			return err
		}
	}
	return nil
}

// Superseded returns the paths of parts that no snapshot links to: their rows, if they
// still count, were copied, and nobody reads the parts. Sweep removes them once their
// paths are no longer known.
func (l *Lake) Superseded(paths []string) ([]string, error) {
	snapshots, err := os.ReadDir(l.abs(snapshotsDir))
	if err != nil {
		return nil, fmt.Errorf("look for parts that nobody reads: %w", err)
	}
	var out []string
	for _, p := range paths {
		part, err := os.Stat(l.abs(p))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for parts that nobody reads: %w", err)
		}
		if !l.linked(part, path.Join(path.Base(path.Dir(p)), path.Base(p)), snapshots) {
			out = append(out, p)
		}
	}
	return out, nil
}

// linked reports whether a snapshot has a link to a part, whose table and name are
// given.
func (l *Lake) linked(part fs.FileInfo, name string, snapshots []fs.DirEntry) bool {
	for _, s := range snapshots {
		for _, dir := range []string{"", deletedDir} {
			there, err := os.Stat(l.abs(path.Join(snapshotsDir, s.Name(), dir, name)))
			if err == nil && os.SameFile(part, there) {
				return true
			}
		}
	}
	return false
}

// Package quarantine keeps the lines that could not be used, so that nothing is
// lost: the bytes as they came, in files that only the owner may read. Why and
// from where is in the ledger, which never holds content.
//
//	DIR/quarantine/<run id>/<file id>/<first line of the page>.ndjson, or .ndjson.sealed
//
// There is one file for each page with bad lines. A page that is done again after
// a crash writes the same file again, so that no line is kept twice.
package quarantine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/seal"
)

// Dir is the quarantine of a lake.
type Dir struct {
	path string
	keys *seal.Keys
}

// In is the quarantine of the lake in the folder lake. With keys, lines are sealed;
// without, they are not, and those that are cannot be read.
func In(lake string, keys *seal.Keys) Dir {
	return Dir{path: filepath.Join(lake, "quarantine"), keys: keys}
}

// page is where the bad lines of a page are.
type page struct {
	run, file string
	first     int64 // number of the page's first line
}

// name is what a sealed page is bound to.
func (p page) name() string { return fmt.Sprintf("quarantine/%s/%s/%d", p.run, p.file, p.first) }

// plain and sealed are the files of a page, of which there is one.
func (d Dir) plain(p page) string {
	return filepath.Join(d.path, p.run, p.file, strconv.FormatInt(p.first, 10)+".ndjson")
}

func (d Dir) sealed(p page) string { return d.plain(p) + ".sealed" }

// Keep makes the bad lines of a page durable, as they came and without their line
// ends. first is the number of the page's first line.
func (d Dir) Keep(run, file string, first int64, lines [][]byte) error {
	if len(lines) == 0 {
		return nil
	}
	return d.write(page{run, file, first}, append(bytes.Join(lines, newline), '\n'))
}

// write writes a page, or replaces it, so that a crash leaves the old or the new.
func (d Dir) write(p page, data []byte) error {
	path, other := d.plain(p), d.sealed(p)
	if d.keys != nil {
		path, other = other, path
		var err error
		if data, err = d.keys.Seal(data, p.name()); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return wrap(err)
	}
	if err := durable.Write(path, data); err != nil {
		return wrap(err)
	}
	switch err := durable.Remove(other); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return wrap(err)
	}
	return wrap(durable.SyncDir(filepath.Dir(other))) // what is sealed now must not come back unsealed
}

// read gives what write wrote. The error is ErrGone where there is none.
func (d Dir) read(p page) ([]byte, error) {
	data, err := os.ReadFile(d.sealed(p))
	if err == nil {
		data, err = d.keys.Open(data, p.name())
		return data, wrap(err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(d.plain(p))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: run %s, file %s, page %d", ErrGone, p.run, p.file, p.first)
	}
	return data, wrap(err)
}

// remove removes a page. Nobody looks for it again.
func (d Dir) remove(p page) error {
	return wrap(errors.Join(durable.Discard(d.plain(p)), durable.Discard(d.sealed(p))))
}

// Rewrap seals all pages again, by the key that seals now, those too that were not sealed.
// It gives how many there are. Sealed ones come first: with another lake's keys it fails
// before a page that was not sealed is sealed by them.
func (d Dir) Rewrap() (pages int, err error) {
	files, err := durable.Glob(d.path, "*/*/*.ndjson*")
	if err != nil {
		return 0, wrap(err)
	}
	slices.SortStableFunc(files, func(a, b string) int { return strings.Compare(filepath.Ext(b), filepath.Ext(a)) })
	for _, name := range files {
		first, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".sealed"), ".ndjson"), 10, 64)
		if err != nil {
			continue // no page
		}
		dir := filepath.Dir(name)
		p := page{run: filepath.Base(filepath.Dir(dir)), file: filepath.Base(dir), first: first}
		data, err := d.read(p)
		if err == nil {
			err = d.write(p, data)
		}
		if err != nil {
			return pages, err
		}
		pages++
	}
	return pages, nil
}

// Drop removes what was kept of a run. Nobody looks for it again.
func (d Dir) Drop(run string) error { return wrap(durable.Discard(filepath.Join(d.path, run))) }

// Sweep removes what was kept of runs that live does not know, by their ids.
func (d Dir) Sweep(live func(run string) bool) error {
	runs, err := os.ReadDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, run := range runs {
		if id := run.Name(); uuid.Validate(id) == nil && !live(id) {
			err = errors.Join(err, d.Drop(id))
		}
	}
	return wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("quarantine: %w", err)
}

package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/klauspost/compress/zstd"
)

// Dir is the archive of a lake.
type Dir struct {
	path string
	keys *seal.Keys
}

// In is the archive of the lake in a folder. With keys, pages are sealed; without, they
// are not, and those that are cannot be read.
func In(lake string, keys *seal.Keys) Dir { return Dir{filepath.Join(lake, "archive"), keys} }

// Place is where a page is: a frame of a file.
type Place struct {
	Path     string // relative to the archive, with slashes: run/file
	Position int64  // bytes
	Size     int64  // compressed and sealed, bytes
}

// name is what a sealed page is bound to.
func (p Place) name() string { return fmt.Sprintf("archive/%s byte %d", p.Path, p.Position) }

// Files of sealed pages, and of others.
const (
	sealedFile = "pages-*.ndjson.zst.sealed"
	plainFile  = "pages-*.ndjson.zst"
)

// ErrGone says that the archive does not have a page, or has other bytes in its
// place.
var ErrGone = errors.New("no longer in the archive")

// Page reads a page. The caller compares it with the hash that the ledger has of it.
// The error wraps ErrGone where the page is not there.
func (d Dir) Page(p Place) (data []byte, err error) {
	f, err := os.Open(filepath.Join(d.path, filepath.FromSlash(p.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("archive: %s: %w", p.Path, ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	frame := make([]byte, p.Size)
	if _, err := f.ReadAt(frame, p.Position); err != nil {
		return nil, fmt.Errorf("archive: read %s at byte %d: %w: %w", p.Path, p.Position, ErrGone, err)
	}
	if p.IsSealed() {
		if frame, err = d.keys.Open(frame, p.name()); err != nil {
			return nil, err
		}
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	defer r.Close()
	data, err = r.DecodeAll(frame, nil)
	if err != nil {
		return nil, fmt.Errorf("archive: %s at byte %d: %w: %w", p.Path, p.Position, ErrGone, err)
	}
	return data, nil
}

// IsSealed reports whether the file of a page is sealed.
func (p Place) IsSealed() bool { return path.Ext(p.Path) == path.Ext(sealedFile) }

// Rewrap seals all pages of a file again, by the key that seals now. places are all that
// the file has; they stay what they are, since a page's length does not change.
func (d Dir) Rewrap(places []Place) error {
	name := filepath.Join(d.path, filepath.FromSlash(places[0].Path))
	file, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	for _, p := range places {
		if p.Path != places[0].Path || p.Position < 0 || p.Position+p.Size > int64(len(file)) {
			return fmt.Errorf("archive: %s at byte %d: %w", p.Path, p.Position, ErrGone)
		}
		frame := file[p.Position : p.Position+p.Size]
		opened, err := d.keys.Open(frame, p.name())
		if err != nil {
			return err
		}
		sealed, err := d.keys.Seal(opened, p.name())
		if err != nil {
			return err
		}
		if copy(frame, sealed) != len(sealed) {
			return fmt.Errorf("archive: %s at byte %d: its seal has another length", p.Path, p.Position)
		}
	}
	if err := durable.Write(name, file); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// Drop removes the pages of a run.
func (d Dir) Drop(run string) error {
	if err := durable.Discard(filepath.Join(d.path, run)); err != nil {
		return fmt.Errorf("archive: drop run %s: %w", run, err)
	}
	return nil
}

// Sweep removes the files that live does not know, by their Place.Path, and the
// folders that are empty then.
func (d Dir) Sweep(live func(path string) bool) error {
	runs, err := os.ReadDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	for _, run := range runs {
		if err := d.sweepRun(run.Name(), live); err != nil {
			return fmt.Errorf("archive: sweep: %w", err)
		}
	}
	return nil
}

func (d Dir) sweepRun(run string, live func(path string) bool) error {
	dir := filepath.Join(d.path, run)
	files, err := os.ReadDir(dir)
	left := len(files)
	for _, f := range files {
		if !live(path.Join(run, f.Name())) {
			err = errors.Join(err, durable.Remove(filepath.Join(dir, f.Name())))
			left--
		}
	}
	if err == nil && left == 0 {
		err = durable.Remove(dir)
	}
	return err
}

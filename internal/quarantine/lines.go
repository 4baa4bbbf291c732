package quarantine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// ErrGone says that a line is not in quarantine any more.
var ErrGone = errors.New("not in quarantine")

// Line gives a bad line as it came: the one at index among those of the page that
// begins with line first. The error wraps ErrGone where it was taken out.
func (d Dir) Line(run, file string, first int64, index int) ([]byte, error) {
	lines, err := d.lines(run, file, first)
	if err != nil {
		return nil, err
	}
	if index >= len(lines) || len(lines[index]) == 0 {
		return nil, fmt.Errorf("%w: run %s, file %s, page %d", ErrGone, run, file, first)
	}
	return lines[index], nil
}

// Take removes the lines of a page at the given indexes. The others keep theirs: an
// empty line stays in place of one that was taken.
func (d Dir) Take(run, file string, first int64, indexes []int) error {
	lines, err := d.lines(run, file, first)
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, i := range indexes {
		if i < len(lines) {
			lines[i] = nil
		}
	}
	if len(bytes.Join(lines, nil)) == 0 {
		return wrap(os.Remove(d.page(run, file, first)))
	}
	return d.replace(run, file, first, lines)
}

// replace writes the lines of a page anew, so that a crash leaves the old or the new.
func (d Dir) replace(run, file string, first int64, lines [][]byte) error {
	f, err := os.CreateTemp(filepath.Dir(d.page(run, file, first)), "new-*")
	if err != nil {
		return wrap(err)
	}
	_, err = f.Write(append(bytes.Join(lines, newline), '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return wrap(errors.Join(err, os.Remove(f.Name())))
	}
	return wrap(os.Rename(f.Name(), d.page(run, file, first)))
}

var newline = []byte{'\n'}

func (d Dir) lines(run, file string, first int64) ([][]byte, error) {
	data, err := os.ReadFile(d.page(run, file, first))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: run %s, file %s, page %d", ErrGone, run, file, first)
	}
	return bytes.Split(bytes.TrimSuffix(data, newline), newline), wrap(err)
}

func (d Dir) page(run, file string, first int64) string {
	return filepath.Join(d.path, run, file, strconv.FormatInt(first, 10)+".ndjson")
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("quarantine: %w", err)
}

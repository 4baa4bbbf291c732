package quarantine

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrGone says that a line is no longer in quarantine.
var ErrGone = errors.New("not in quarantine")

// Line gives a bad line as it came: the one at index among those of the page that
// begins with line first. The error wraps ErrGone where it was taken out.
func (d Dir) Line(run, file string, first int64, index int) ([]byte, error) {
	lines, err := d.lines(page{run, file, first})
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
	p := page{run, file, first}
	lines, err := d.lines(p)
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
		return d.remove(p)
	}
	return d.write(p, append(bytes.Join(lines, newline), '\n'))
}

var newline = []byte{'\n'}

func (d Dir) lines(p page) ([][]byte, error) {
	data, err := d.read(p)
	return bytes.Split(bytes.TrimSuffix(data, newline), newline), err
}

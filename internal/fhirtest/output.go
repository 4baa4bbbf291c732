package fhirtest

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// outputFile is a file of an export: a range of whole lines of a file on disk.
type outputFile struct {
	name         string // last part of its URL
	resourceType string // "" where the file has several
	content      stamp
	piece
	continuesIn string // name of the file that goes on with this one's last block
}

// splitter writes lines to files of about limit bytes each.
type splitter struct {
	dir    string
	prefix string // of the files' names
	limit  int64  // bytes

	files []outputFile
	open  *os.File
	out   *bufio.Writer
}

// full reports whether a line of n bytes begins another file.
func (w *splitter) full(n int) bool {
	if w.open == nil {
		return true
	}
	length := w.files[len(w.files)-1].length
	return length > 0 && length+int64(n) > w.limit
}

func (w *splitter) write(line []byte) error {
	if w.full(len(line)) {
		if err := w.next(); err != nil {
			return err
		}
	}
	return w.put(line)
}

// put writes to the current file.
func (w *splitter) put(line []byte) error {
	f := &w.files[len(w.files)-1]
	n, err := w.out.Write(line)
	if err == nil && line[len(line)-1] != '\n' {
		n++
		err = w.out.WriteByte('\n')
	}
	f.length += int64(n)
	f.count++
	return err
}

// next ends the current file and begins another.
func (w *splitter) next() error {
	if err := w.close(); err != nil {
		return err
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d.ndjson", w.prefix, len(w.files)+1)
	f, err := os.Create(filepath.Join(w.dir, name))
	if err != nil {
		return err
	}
	w.open, w.out = f, bufio.NewWriterSize(f, 256<<10)
	w.files = append(w.files, outputFile{name: name, content: stamp{path: f.Name()}})
	return nil
}

// finish ends the last file and returns all.
func (w *splitter) finish() ([]outputFile, error) {
	err := w.close()
	return w.files, err
}

// close ends the current file.
func (w *splitter) close() error {
	if w.open == nil {
		return nil
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.open.Close(); err != nil {
		return err
	}
	w.open = nil
	f := &w.files[len(w.files)-1]
	st, err := stampOf(f.content.path)
	f.content = st
	return err
}

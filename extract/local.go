package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/claimlake/claimlake/internal/lineage"
)

var (
	// ErrNoFiles says that a folder holds no NDJSON file.
	ErrNoFiles = errors.New("no NDJSON file")
	// ErrNotNDJSON says that a file is something else altogether.
	ErrNotNDJSON = errors.New("not NDJSON")
)

// Stdin is the name under which standard input is read.
const Stdin = "-"

// LocalFile is a file on this machine whose beginning can be read.
type LocalFile struct {
	Path    string
	Deletes bool  // its first line is a Bundle of DELETE requests (Bulk Data, "deleted")
	Empty   bool  // it has nothing but white space, as far as one can see at its beginning
	Size    int64 // decoded length in bytes; -1 where it is not known

	stream *local // of a pipe, which can be opened once only; nil for others
}

// openLocalFile looks at the beginning of the file at path. A pipe stays open until
// its pages are read.
func openLocalFile(path string) (LocalFile, error) {
	src, err := openLocal(path)
	if err != nil {
		return LocalFile{}, err
	}
	f := LocalFile{Path: path, Deletes: src.look.deletes, Empty: src.look.empty, Size: src.size()}
	if src.once {
		f.stream = src
		return f, nil
	}
	return f, src.Close()
}

// Pages yields the pages of the file in order. The error ends them; it is the file
// system's or the decoder's, such as a gzip file that ends early.
func (f LocalFile) Pages(ctx context.Context, b *Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		src := f.stream
		if src == nil {
			var err error
			if src, err = openLocal(f.Path); err != nil {
				yield(lineage.Page{}, err)
				return
			}
		}
		defer src.Close() //nolint:errcheck // read only
		for p, err := range NewPageReader(src, Start, b).Pages() {
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(lineage.Page{}, fmt.Errorf("read %s: %w", f.Path, reason(err)))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// local is an open file, decoded, with one resource a line.
type local struct {
	io.Reader
	file  *os.File
	close func() error // the decoder's
	look  look
	plain bool // the file's bytes are what is read
	once  bool // it cannot be opened again
}

func (l *local) Close() error { return errors.Join(l.close(), l.file.Close()) }

// size is the length of what is read; -1 where it is not known.
func (l *local) size() int64 {
	if st, err := l.file.Stat(); l.plain && err == nil && st.Mode().IsRegular() {
		return st.Size()
	}
	return -1
}

// openLocal opens a file, undoes its compression and brings what it holds into lines.
func openLocal(path string) (*local, error) {
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	l, err := decodeLocal(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	l.once = !isRegular(f)
	return l, nil
}

func isRegular(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode().IsRegular()
}

func open(path string) (*os.File, error) {
	if path == Stdin {
		return os.Stdin, nil
	}
	return os.Open(path)
}

func decodeLocal(f *os.File) (*local, error) {
	src, done, layers, err := uncompressed(f)
	if err != nil {
		return nil, errors.Join(err, done())
	}
	head, whole, err := headOf(src)
	if err == nil {
		err = foreign(head)
	}
	if err != nil {
		return nil, errors.Join(err, done())
	}
	l := &local{Reader: src, file: f, close: done, look: lookAt(head, whole), plain: layers == 0}
	if l.look.documents {
		l.Reader, l.plain = newDocuments(src), false
	}
	return l, nil
}

// reason is err without the operation and the path, which the caller names.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

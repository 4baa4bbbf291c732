package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
)

var (
	// ErrNoFiles says that a folder holds no NDJSON file.
	ErrNoFiles = errors.New("no NDJSON file")
	// ErrNotNDJSON says that a file is something else altogether.
	ErrNotNDJSON = errors.New("not NDJSON")
)

// endings are how NDJSON files are named, before .gz or .zst.
var endings = []string{".ndjson", ".jsonl", ".json"}

// Local lists the files that paths stand for: a file is itself, whatever its
// name; a folder is the files below it that are named as NDJSON, plain, .gz or
// .zst, in order of their names. It opens each, so that what cannot be read is
// known before anything is. The error joins one line for each such path.
func Local(paths []string) ([]string, error) {
	var files []string
	var problems []error
	for _, path := range paths {
		found, err := list(path)
		for _, f := range found {
			err = errors.Join(err, readable(f))
		}
		files, problems = append(files, found...), append(problems, err)
	}
	slices.Sort(files)
	return slices.Compact(files), errors.Join(problems...)
}

func list(path string) ([]string, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	case !st.IsDir():
		return []string{filepath.Clean(path)}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && isNDJSON(d.Name()) {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w below %s (%s, also with .gz or .zst): name the files themselves if they are called otherwise", ErrNoFiles, path, strings.Join(endings, ", "))
	}
	return files, nil
}

func isNDJSON(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	return slices.Contains(endings, filepath.Ext(name))
}

// reason is err without the operation and the path, which the caller names.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// readable looks at the beginning of a file: text is not told from NDJSON here,
// but what holds a NUL is no text.
func readable(path string) error {
	src, err := openLocal(path)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // read only
	head := make([]byte, 64<<10)
	n, err := io.ReadAtLeast(src, head, 1)
	switch {
	case bytes.IndexByte(head[:n], 0) >= 0:
		return fmt.Errorf("read %s: %w: it is binary, or UTF-16: convert it to UTF-8, one resource a line", path, ErrNotNDJSON)
	case err != nil && err != io.EOF: //nolint:errorlint // ReadAtLeast gives it as it is
		return fmt.Errorf("read %s: %w", path, reason(err))
	}
	return nil
}

// local is an open file with its decoder.
type local struct {
	io.ReadCloser
	file *os.File
}

func (l local) Close() error { return errors.Join(l.ReadCloser.Close(), l.file.Close()) }

func openLocal(path string) (local, error) {
	f, err := os.Open(path)
	if err != nil {
		return local{}, fmt.Errorf("read %s: %w", path, reason(err))
	}
	r, err := decode(f)
	if err != nil {
		_ = f.Close()
		return local{}, fmt.Errorf("read %s: %w", path, reason(err))
	}
	return local{ReadCloser: r, file: f}, nil
}

// LocalDeletes reports whether a local file is one of deletions: its first line is a
// Bundle of DELETE requests (Bulk Data, "deleted").
func LocalDeletes(ctx context.Context, path string) (bool, error) {
	for p, err := range LocalPages(ctx, path, NewBuffers(1)) {
		line, _, _ := bytes.Cut(p.Data, []byte("\n"))
		return err == nil && gjson.GetBytes(line, "resourceType").Str == "Bundle" && gjson.GetBytes(line, "entry.0.request.method").Str == "DELETE", err
	}
	return false, nil
}

// LocalPages yields the pages of a local file in order. The error ends them; it
// is the file system's or the decoder's, such as a gzip file that ends early.
func LocalPages(ctx context.Context, path string, b *Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		src, err := openLocal(path)
		if err != nil {
			yield(lineage.Page{}, err)
			return
		}
		defer src.Close() //nolint:errcheck // read only
		for p, err := range NewPageReader(src, Start, b).Pages() {
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(lineage.Page{}, fmt.Errorf("read %s: %w", path, reason(err)))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

package extract

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// endings are how NDJSON files are named, before what says how they are compressed.
var endings = []string{".ndjson", ".jsonl", ".json"}

// compressedEndings are the endings of compressed files. That they are compressed is known from
// their content.
var compressedEndings = []string{".gz", ".gzip", ".zst", ".zstd", ".bz2"}

// Skipped is a file or folder below a folder that is not read.
type Skipped struct {
	Path string
	Why  string
	Data bool // it looks as if it should have been
}

// Local is what paths stand for.
type Local struct {
	Files   []LocalFile // each once, in order of their paths
	Skipped []Skipped   // in order of their paths
}

// ListLocal lists the files that paths stand for: a file, a pipe, or standard input
// ("-"), is itself, whatever its name; a folder is the files below it that are named as
// NDJSON, compressed or not, in capital letters or small ones, or whose name matches one
// of include (path.Match). Links are followed. It looks at the beginning of each, so that
// what cannot be read is known before anything is, and at that of files it leaves out,
// so that it is known what they are. The error joins one line for each path that cannot
// be read, or is a folder without files.
func ListLocal(paths, include []string) (Local, error) {
	w := walk{include: include, seen: map[string]bool{}}
	for _, pattern := range include {
		if _, err := filepath.Match(pattern, ""); err != nil {
			return Local{}, fmt.Errorf("include %q: %w", pattern, err)
		}
	}
	for _, path := range paths {
		w.path(path)
	}
	byPath := func(a, b LocalFile) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(w.found.Files, byPath)
	return w.found, errors.Join(w.problems...)
}

// walk collects the files that paths stand for.
type walk struct {
	include  []string
	found    Local
	problems []error
	seen     map[string]bool // by their paths without links
}

// path adds what a path of the command line stands for.
func (w *walk) path(path string) {
	if path == Stdin {
		w.read(path)
		return
	}
	st, err := os.Stat(path)
	if err != nil {
		w.problem(fmt.Errorf("read %s: %w", path, reason(err)))
		return
	}
	if !st.IsDir() {
		w.read(filepath.Clean(path))
		return
	}
	files, problems := len(w.found.Files), len(w.problems)
	if isLake(path) {
		w.problem(fmt.Errorf("%w below %s: it is a lake, which has files of its own only", ErrNoFiles, path))
		return
	}
	twice := w.folder(filepath.Clean(path))
	if !twice && len(w.found.Files) == files && len(w.problems) == problems {
		w.problem(fmt.Errorf("%w below %s (%s, also compressed): name the files themselves, or give a pattern of their names (--include), if they are called otherwise", ErrNoFiles, path, strings.Join(endings, ", ")))
	}
}

func (w *walk) problem(err error) { w.problems = append(w.problems, err) }

// again reports whether a path was there before, also under another name.
func (w *walk) again(path string) bool {
	target, err := filepath.EvalSymlinks(path)
	if err == nil {
		target, err = filepath.Abs(target)
	}
	if err != nil { // such as standard input
		target = path
	}
	old := w.seen[target]
	w.seen[target] = true
	return old
}

// folder adds what is below a folder. It reports whether it, or something of it, was
// added before.
func (w *walk) folder(dir string) (twice bool) {
	if w.again(dir) {
		return true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.problem(fmt.Errorf("read %s: %w", dir, reason(err)))
		return false
	}
	for _, e := range entries {
		twice = w.below(filepath.Join(dir, e.Name()), e.Name()) || twice
	}
	return twice
}

// below adds what is in a folder.
func (w *walk) below(path, name string) (twice bool) {
	st, err := os.Stat(path)
	wanted := w.wants(name)
	switch {
	case err != nil && wanted:
		w.problem(fmt.Errorf("read %s: %w", path, reason(err)))
	case err != nil:
		w.skip(path, "cannot be read: "+reason(err).Error(), false)
	case st.IsDir() && strings.HasPrefix(name, "."):
		w.skip(path, "a hidden folder", false)
	case st.IsDir() && isLake(path):
		w.skip(path, "a lake", false)
	case st.IsDir():
		return w.folder(path)
	case !st.Mode().IsRegular():
		w.skip(path, "no file: name it itself, if it is to be read", wanted)
	case strings.HasPrefix(name, "._"):
		w.skip(path, "what macOS keeps about a file", false)
	case wanted:
		return w.read(path)
	default:
		w.judge(path)
	}
	return false
}

// read adds a file, unless it was added before.
func (w *walk) read(path string) (twice bool) {
	if w.again(path) {
		return true
	}
	f, err := openLocalFile(path)
	if err != nil {
		w.problem(err)
		return false
	}
	w.found.Files = append(w.found.Files, f)
	return false
}

// judge says of a file that is left out what it seems to be.
func (w *walk) judge(path string) {
	src, err := openLocal(path)
	other, foreign := errors.AsType[*foreignError](err)
	switch {
	case foreign:
		w.skip(path, other.what, other.data)
	case err != nil:
		_, why, _ := strings.Cut(err.Error(), path+": ")
		w.skip(path, "cannot be read: "+why, true)
	case src.look.xml:
		w.skip(path, "FHIR as XML, which is not read", true)
	case src.look.fhir:
		w.skip(path, "looks like FHIR, but is not named as NDJSON", true)
	case src.look.empty:
		w.skip(path, "empty", false)
	default:
		w.skip(path, "not named as NDJSON", false)
	}
	if err == nil {
		_ = src.Close() // read only
	}
}

func (w *walk) skip(path, why string, data bool) {
	w.found.Skipped = append(w.found.Skipped, Skipped{Path: path, Why: why, Data: data})
}

// wants reports whether a file of a folder is read, by its name.
func (w *walk) wants(name string) bool {
	for _, pattern := range w.include {
		if ok, err := filepath.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	name = strings.ToLower(name)
	for _, end := range compressedEndings {
		name = strings.TrimSuffix(name, end)
	}
	return slices.Contains(endings, filepath.Ext(name))
}

// isLake reports whether a folder is a lake of claimlake's.
func isLake(dir string) bool {
	st, err := os.Stat(filepath.Join(dir, "ledger.db"))
	return err == nil && st.Mode().IsRegular()
}

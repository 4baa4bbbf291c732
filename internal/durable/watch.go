package durable

import (
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// Kind says what an operation does.
type Kind string

// The kinds of operations.
const (
	Opened    Kind = "open"
	Wrote     Kind = "write"
	Sought    Kind = "seek"
	Truncated Kind = "truncate"
	Synced    Kind = "sync"
	Renamed   Kind = "rename"
	Linked    Kind = "link"
	Symlinked Kind = "symlink"
	Removed   Kind = "remove"
	MadeDir   Kind = "mkdir"
	SyncedDir Kind = "sync folder"
	Committed Kind = "commit" // of a database, which is durable by its own means
)

// Op is an operation on the disk.
type Op struct {
	Kind   Kind
	Path   string
	To     string // the new name, or the target of a symbolic link
	File   *File  // tells files that are open
	Flag   int    // of Opened
	Data   []byte // of Wrote; not to be kept
	Offset int64  // of Wrote, -1 where the file stands; of Sought and Truncated
}

// Watcher sees operations. It is for tests.
type Watcher interface {
	// Before is called before an operation, which is not done if it gives an error.
	Before(op Op) error
	// After is called once an operation was done.
	After(op Op)
}

// Short is an error of Watcher.Before that lets N bytes be written before it fails.
type Short struct {
	N   int
	Err error
}

// Error implements error.
func (s *Short) Error() string { return s.Err.Error() }

// Unwrap gives the cause.
func (s *Short) Unwrap() error { return s.Err }

type watched struct {
	root string
	Watcher
	mu sync.Mutex // one operation at a time, so that they are seen in their order
}

var (
	watchMu  sync.Mutex
	watching atomic.Pointer[[]*watched]
)

// Watch lets w see the operations below the folder root until stop is called.
func Watch(root string, w Watcher) (stop func()) {
	me := &watched{root: filepath.Clean(root) + string(filepath.Separator), Watcher: w}
	change(func(list []*watched) []*watched { return append(list, me) })
	return func() {
		change(func(list []*watched) (left []*watched) {
			for _, other := range list {
				if other != me {
					left = append(left, other)
				}
			}
			return left
		})
	}
}

func change(to func([]*watched) []*watched) {
	watchMu.Lock()
	defer watchMu.Unlock()
	var list []*watched
	if old := watching.Load(); old != nil {
		list = append(list, *old...)
	}
	if list = to(list); len(list) == 0 {
		watching.Store(nil)
		return
	}
	watching.Store(&list)
}

// watcherOf is who watches a path; nil for nobody, as in production.
func watcherOf(path string) *watched {
	list := watching.Load()
	if list == nil {
		return nil
	}
	path = filepath.Clean(path)
	for _, w := range *list {
		if strings.HasPrefix(path+string(filepath.Separator), w.root) {
			return w
		}
	}
	return nil
}

// do does an operation, and lets it be watched.
func do(op Op, act func() error) error {
	w := watcherOf(op.Path)
	if w == nil {
		return act()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.Before(op); err != nil {
		return &fs.PathError{Op: string(op.Kind), Path: op.Path, Err: err}
	}
	if err := act(); err != nil {
		return err
	}
	w.After(op)
	return nil
}

// Commit says that a database made its state durable, of which path is the file.
func Commit(path string) {
	if w := watcherOf(path); w != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.After(Op{Kind: Committed, Path: path})
	}
}

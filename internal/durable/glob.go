package durable

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Glob lists what below a folder matches a pattern (path.Match), sorted. Unlike
// filepath.Glob it takes the folder's own path as it is: one with [, * or ? is no pattern,
// in which nothing would be found.
func Glob(dir, pattern string) ([]string, error) {
	names, err := fs.Glob(os.DirFS(dir), pattern)
	for i, name := range names {
		names[i] = filepath.Join(dir, filepath.FromSlash(name))
	}
	return names, err
}

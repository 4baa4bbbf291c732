package synth

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder is what Write wrote: the lines of each type.
type folder map[string][][]byte

// write runs Write for a small population and reads the files back.
func write(t *testing.T, o Options) folder {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	summary, err := Write(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	out, size := folder{}, int64(0)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		size += int64(len(text))
		resourceType, _, _ := strings.Cut(filepath.Base(path), ".")
		if resourceType == "deleted" {
			resourceType = bundle
		}
		out[resourceType] = append(out[resourceType], bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))...)
	}
	if size != summary.Bytes {
		t.Errorf("summary says %d bytes, files have %d", summary.Bytes, size)
	}
	for resourceType, n := range summary.Resources {
		if int(n) != len(out[resourceType]) {
			t.Errorf("summary says %d lines of %s, files have %d", n, resourceType, len(out[resourceType]))
		}
	}
	return out
}

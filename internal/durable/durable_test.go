package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFilesAreWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, content := range []string{"one", "two, longer", "3"} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%q, %v", got, err)
		}
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if err := Create(path, []byte("four")); !errors.Is(err, os.ErrExist) {
		t.Errorf("created what was there: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "3" {
		t.Errorf("%q, %v", got, err)
	}
	if err := Create(filepath.Join(dir, "g"), []byte("new")); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("left %v, %v", entries, err)
	}
	if err := Write(filepath.Join(dir, "no", "such"), nil); err == nil {
		t.Error("no error without a folder")
	}
}

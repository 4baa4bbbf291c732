package archive

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPagesComeBack(t *testing.T) {
	lake := t.TempDir()
	d := In(lake, nil)
	w, err := d.NewWriter("run-1")
	if err != nil {
		t.Fatal(err)
	}
	pages := [][]byte{[]byte("{\"a\":1}\n"), bytes.Repeat([]byte("{\"b\":2}\n"), 10_000), []byte("no line end"), {}}
	var places []Place
	for i, data := range pages {
		p, err := w.Add(data)
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, p)
		if i == 1 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for i, p := range places {
		if got, err := d.Page(p); err != nil || !bytes.Equal(got, pages[i]) {
			t.Errorf("page %d at %v: %d bytes, %v", i, p, len(got), err)
		}
	}
	if places[0].Path != places[1].Path || places[1].Path == places[2].Path {
		t.Errorf("a file holds what is flushed together: %v", places)
	}
	onlyOwner(t, lake)
}

// onlyOwner checks that nobody else can read what is in the lake.
func onlyOwner(t *testing.T, lake string) {
	t.Helper()
	err := filepath.WalkDir(In(lake, nil).path, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedPagesAreGone(t *testing.T) {
	d := In(t.TempDir(), nil)
	w, err := d.NewWriter("run")
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Add(bytes.Repeat([]byte("SECRET"), 100))
	if err := errors.Join(err, w.Flush()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(d.path, filepath.FromSlash(p.Path))
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-6] ^= 1
	for name, content := range map[string][]byte{"shorter": good[:len(good)-1], "other bytes": flipped, "empty": {}} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Page(p); !errors.Is(err, ErrGone) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.Drop("run"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Page(p); !errors.Is(err, ErrGone) {
		t.Errorf("dropped: %v", err)
	}
}

func TestSweepLeavesWhatIsKnown(t *testing.T) {
	d := In(t.TempDir(), nil)
	known := map[string]bool{}
	for _, run := range []string{"a", "b"} {
		w, err := d.NewWriter(run)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			p, err := w.Add([]byte("x"))
			if err := errors.Join(err, w.Flush()); err != nil {
				t.Fatal(err)
			}
			known[p.Path] = run == "a" && i == 0
		}
		if _, err := w.Add([]byte("of a checkpoint that never came")); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Sweep(func(path string) bool { return known[path] }); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(d.path, "*", "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(d.path, "b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a run without pages: %v", err)
	}
}

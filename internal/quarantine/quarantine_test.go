package quarantine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLinesAreKeptAsTheyCame(t *testing.T) {
	lake := t.TempDir()
	d := In(lake, nil)
	page := []byte("{\"bad\n{]\n")
	lines := [][]byte{page[:5], page[6:8]}
	for range 2 { // a page may be done again
		if err := d.Keep("run", "0001", 40, lines); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(lake, "quarantine", "run", "0001", "40.ndjson")
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "{\"bad\n{]\n" {
		t.Errorf("kept %q, %v", got, err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want one that only the owner can read", st.Mode(), err)
	}
	if string(page) != "{\"bad\n{]\n" {
		t.Errorf("the page was changed to %q", page)
	}
	if err := d.Drop("run"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestNothingBadMakesNoFile(t *testing.T) {
	lake := t.TempDir()
	if err := In(lake, nil).Keep("run", "0001", 1, nil); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(lake); len(entries) > 0 {
		t.Errorf("made %v", entries)
	}
}

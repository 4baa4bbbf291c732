package quarantine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLinesKeepTheirPlaces(t *testing.T) {
	lake := t.TempDir()
	d := In(lake, nil)
	if err := d.Keep("run", "0001", 41, [][]byte{[]byte("a"), []byte("b"), []byte("c")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Take("run", "0001", 41, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	if line, err := d.Line("run", "0001", 41, 2); err != nil || string(line) != "c" {
		t.Errorf("%q, %v", line, err)
	}
	for name, index := range map[string]int{"taken": 1, "never there": 3} {
		if _, err := d.Line("run", "0001", 41, index); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 {
		if err := d.Take("run", "0001", 41, []int{2}); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(lake, "quarantine", "run", "0001")); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

package archive

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/claimlake/claimlake/internal/seal"
)

// rotated are a key set, and the same with a new key that seals.
func rotated(t *testing.T) (before, after *seal.Keys) {
	t.Helper()
	text, err := seal.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := seal.Rotate(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if newer, err = seal.Rotate(newer, nil); err != nil {
		t.Fatal(err)
	}
	before, err = seal.Parse(text, nil)
	after, failed := seal.Parse(newer, nil)
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	return before, after
}

// sealedPages are pages of one length in one file.
func sealedPages(t *testing.T, d Dir) (places []Place, file string) {
	t.Helper()
	w, err := d.NewWriter("run")
	for i := range 3 {
		var p Place
		if err == nil {
			p, err = w.Add(fmt.Appendf(nil, "page %d\n", i))
		}
		places = append(places, p)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil || places[0].Path != places[2].Path || places[0].Size != places[1].Size {
		t.Fatal(places, err)
	}
	return places, filepath.Join(d.path, filepath.FromSlash(places[0].Path))
}

// Each page of a file is opened and sealed in its own place.
func TestRewrapKeepsEachPageInItsPlace(t *testing.T) {
	lake := t.TempDir()
	before, after := rotated(t)
	places, file := sealedPages(t, In(lake, before))
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := In(lake, after).Rewrap(places); err != nil {
		t.Fatal(err)
	}
	for i, p := range places {
		if got, err := In(lake, after).Page(p); err != nil || string(got) != fmt.Sprintf("page %d\n", i) {
			t.Errorf("page %d is %q, %v", i, got, err)
		}
		if _, err := In(lake, before).Page(p); err == nil {
			t.Errorf("page %d is sealed by the old key", i)
		}
	}
	if now, err := os.ReadFile(file); err != nil || bytes.Equal(now, old) {
		t.Error("nothing was sealed again")
	}
}

// A page in another's place is not sealed into it: the file stays as it is.
func TestRewrapRefusesAPageInAnothersPlace(t *testing.T) {
	lake := t.TempDir()
	before, after := rotated(t)
	places, file := sealedPages(t, In(lake, before))
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a, b := places[0], places[1]
	swapped := bytes.Clone(content)
	copy(swapped[a.Position:], content[b.Position:b.Position+b.Size])
	copy(swapped[b.Position:], content[a.Position:a.Position+a.Size])
	if err := os.WriteFile(file, swapped, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := In(lake, after).Rewrap(places); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("error %v", err)
	}
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, swapped) {
		t.Errorf("the file is another: %v", err)
	}
}

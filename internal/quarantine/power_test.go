package quarantine

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/claimlake/claimlake/internal/durable/durabletest"
	"github.com/claimlake/claimlake/internal/seal"
)

// Whenever the power fails, a line that was kept is there, one that was sealed is not there
// in the clear, and one that was taken, or whose run was dropped, does not come back.
func TestQuarantineSurvivesPowerLoss(t *testing.T) {
	text, err := seal.Generate(nil)
	must(t, err)
	keys, err := seal.Parse(text, nil)
	must(t, err)
	root := t.TempDir()
	recorder := durabletest.Record(root)
	plain, sealed := In(root, nil), In(root, keys)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"kept", func() error { return plain.Keep("run", "0001", 1, [][]byte{[]byte("one"), []byte("two")}) }},
		{"sealed", func() error { _, err := sealed.Rewrap(); return err }},
		{"first taken", func() error { return sealed.Take("run", "0001", 1, []int{0}) }},
		{"all taken", func() error { return sealed.Take("run", "0001", 1, []int{1}) }},
		{"other kept", func() error { return sealed.Keep("other", "0001", 1, [][]byte{[]byte("three")}) }},
		{"other dropped", func() error { return sealed.Drop("other") }},
	} {
		must(t, step.do())
		recorder.Mark(step.name)
	}
	for c := range durabletest.Crashes(recorder.Stop(), 2) {
		dir := t.TempDir()
		must(t, c.Write(dir))
		did := func(name string) bool { return slices.Contains(c.Marks, name) }
		line := func(run string, index int) string {
			line, err := In(dir, keys).Line(run, "0001", 1, index)
			if err != nil {
				return ""
			}
			return string(line)
		}
		if one, two := line("run", 0), line("run", 1); did("kept") && !did("sealed") && one != "one" || did("kept") && !did("first taken") && two != "two" {
			t.Errorf("%s: %q and %q are kept", c.Name, one, two)
		}
		if did("first taken") && line("run", 0) != "" || did("all taken") && line("run", 1) != "" {
			t.Errorf("%s: a line that was taken is back", c.Name)
		}
		if did("other dropped") && line("other", 0) != "" {
			t.Errorf("%s: a line of a run that was dropped is back", c.Name)
		}
		must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !did("sealed") {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte("one")) || bytes.Contains(content, []byte("two")) {
				t.Errorf("%s: %s has in the clear what was sealed", c.Name, filepath.Base(path))
			}
			return err
		}))
	}
}

// What runs left that nobody knows goes, and nothing else.
func TestSweepRemovesWhatDeadRunsLeft(t *testing.T) {
	const live, dead = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	lake := t.TempDir()
	d := In(lake, nil)
	must(t, d.Sweep(func(string) bool { return false })) // there is none
	for _, run := range []string{live, dead, "notes"} {
		must(t, d.Keep(run, "0001", 1, [][]byte{[]byte("{")}))
	}
	must(t, d.Sweep(func(run string) bool { return run == live }))
	entries, err := os.ReadDir(filepath.Join(lake, "quarantine"))
	must(t, err)
	if len(entries) != 2 || entries[0].Name() != live || entries[1].Name() != "notes" {
		t.Errorf("left %v", entries)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

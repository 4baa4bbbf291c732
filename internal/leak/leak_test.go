package leak

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestMarksAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"runs/1/part.parquet": Mark, "held.sql": Mark,
		"audit/clean": "nothing", "audit/leak": "x" + Mark + "001", "tmp/" + Mark + "7": "",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	marks := Marks{"key", Mark}
	want := []string{filepath.Join(dir, "audit", "leak"), filepath.Join(dir, "tmp", Mark+"7")}
	if found, err := marks.Files(dir, "runs", "*.sql"); err != nil || !slices.Equal(found, want) {
		t.Errorf("%q, %v", found, err)
	}
	if _, err := marks.Files(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there has no leaks")
	}
	if got := marks.Lines("a\n b " + Mark + "1 \nc"); !slices.Equal(got, []string{"b " + Mark + "1"}) {
		t.Errorf("%q", got)
	}
}

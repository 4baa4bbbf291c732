package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The demonstration runs, lets a day pass once, and then finds nothing new.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	code, out, problems := command(t, "demo", "--dir", dir, "--patients", "3")
	if code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	for _, want := range []string{"Which ten services", "The next day", "What did the last run bring?", "Which versions of claims count", "Which claims may be duplicates", "How to go on"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	code, out, problems = command(t, "demo", "--dir", dir)
	if code != exitDone || strings.Contains(out, "The next day") || !strings.Contains(out, " 0 loaded, ") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
}

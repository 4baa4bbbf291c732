package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder that is no lake does not become one.
func TestLedgerRebuildOfNoLake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	if code, out, problems := command(t, "ledger", "rebuild", "--lake", dir); code != exitFailed || !strings.Contains(problems, "is it a lake?") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a lake was made")
	}
}

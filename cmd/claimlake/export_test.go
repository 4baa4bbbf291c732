package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

func TestExportWritesFilesThatFlattenTakes(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Claim.ndjson"), goodClaim)
	_, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data")})
	path := put(t, filepath.Join(dir, "c.yaml"), "source: {name: payer, url: '"+url+"'}\nlake: {dir: "+filepath.Join(dir, "home")+"}\n")
	files := filepath.Join(dir, "files")
	if code, _, _ := command(t, "export", "--config", path); code != exitUsage {
		t.Errorf("without a folder: exit code %d", code)
	}
	code, out, problems := command(t, "export", "--config", path, "--to", files)
	if code != exitDone || !strings.Contains(out, "1 files in") {
		t.Fatalf("exit code %d: %s%s", code, out, problems)
	}
	entries, err := os.ReadDir(files)
	if err != nil || len(entries) != 2 || len(holds(t, files, url)) > 0 {
		t.Errorf("the folder that is handed on has %v, %v", entries, err)
	}
	if code, out, problems := command(t, "audit", "export", "--lake", filepath.Join(dir, "home")); code != exitDone || !strings.Contains(out, "file.export") {
		t.Errorf("the trail: exit code %d: %s%s", code, out, problems)
	}
	file := filepath.Join(files, "output-000001.Claim.ndjson")
	if text, err := os.ReadFile(file); err != nil || string(text) != goodClaim {
		t.Errorf("the file has %q, %v", text, err)
	}
	if code, _, problems := command(t, "flatten", file, "--parquet-only", "--lake", filepath.Join(dir, "lake")); code != exitDone {
		t.Errorf("flatten: exit code %d: %s", code, problems)
	}
	// The folder stands for its export, without its audit trail and notes.
	if code, out, problems := command(t, "flatten", files, "--parquet-only", "--lake", filepath.Join(dir, "lake2")); code != exitDone || !strings.Contains(out, "1 lines of 1 files: 1 loaded") {
		t.Errorf("flatten: exit code %d: %s%s", code, out, problems)
	}
	if code, _, _ := command(t, "export", "--config", path, "--to", files); code != exitFailed {
		t.Errorf("into the same folder: exit code %d", code)
	}
}

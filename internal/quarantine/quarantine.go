// Package quarantine keeps the lines that could not be used, so that nothing is
// lost: the bytes as they came, in files that only the owner may read. Why and
// from where is in the ledger, which never holds content.
//
//	DIR/quarantine/<run id>/<file id>/<first line of the page>.ndjson
//
// There is one file for each page with bad lines. A page that is done again after
// a crash writes the same file again, so that no line is kept twice.
package quarantine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Dir is the quarantine of a lake.
type Dir struct{ path string }

// In is the quarantine of the lake in the folder lake.
func In(lake string) Dir { return Dir{path: filepath.Join(lake, "quarantine")} }

// Keep makes the bad lines of a page durable, as they came and without their line
// ends. first is the number of the page's first line.
func (d Dir) Keep(run, file string, first int64, lines [][]byte) error {
	if len(lines) == 0 {
		return nil
	}
	dir := filepath.Join(d.path, run, file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, strconv.FormatInt(first, 10)+".ndjson"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	for _, l := range lines {
		_, werr := f.Write(l)
		_, nerr := f.WriteString("\n")
		err = errors.Join(err, werr, nerr)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// Drop removes what was kept of a run.
func (d Dir) Drop(run string) error {
	if err := os.RemoveAll(filepath.Join(d.path, run)); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

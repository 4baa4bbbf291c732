package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/durable"
)

// savedFile is the name of what a folder of files says about its export.
const savedFile = "export.json"

// saved is the export that a folder's files are of.
type saved struct {
	Request         string       `json:"request"`
	StatusURL       string       `json:"statusUrl"` // its query may be a credential
	Started         time.Time    `json:"started,omitzero"`
	Pace            extract.Pace `json:"pace,omitzero"` // of polls
	TransactionTime time.Time    `json:"transactionTime,omitzero"`
	Done            bool         `json:"done"`            // all files are there
	Short           []string     `json:"short,omitempty"` // those that have less than was announced
}

func (s saved) job() extract.Job {
	return extract.Job{StatusURL: s.StatusURL, Started: s.Started, Pace: s.Pace}
}

// openSaved makes the folder, or finds the unfinished export of the same request
// in it. Other folders are refused: files of two exports must not mix.
func openSaved(dir, request string) (saved, error) {
	if err := durable.MkdirAll(dir); err != nil {
		return saved{}, fmt.Errorf("folder for the export: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, savedFile))
	if errors.Is(err, os.ErrNotExist) {
		return saved{Request: request}, checkEmpty(dir)
	}
	if err != nil {
		return saved{}, fmt.Errorf("go on with an export: %w", err)
	}
	var s saved
	switch err := json.Unmarshal(text, &s); {
	case err != nil:
		return saved{}, fmt.Errorf("%s in %s is damaged: export into another folder", savedFile, dir)
	case s.Done:
		return saved{}, fmt.Errorf("%s has a finished export: name another folder", dir)
	case s.Request != request:
		return saved{}, fmt.Errorf("%s has an unfinished export of another request: name another folder", dir)
	}
	return s, nil
}

// CheckSaved makes the folder, and says why an export of a request cannot go there.
func CheckSaved(dir, request string) error {
	_, err := openSaved(dir, request)
	return err
}

// savedExport gives the files of resources and deletions in a folder that Save wrote, and the
// transactionTime of their export; ok is false where it is another folder, or a file. The
// error says that the export is not finished.
func savedExport(dir string) (files []string, at time.Time, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, savedFile))
	s := saved{}
	_ = json.Unmarshal(text, &s) // somebody else's file has no such members
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, time.Time{}, false, nil
	case err != nil:
		return nil, time.Time{}, false, err
	case s.StatusURL == "":
		return nil, time.Time{}, false, nil
	case !s.Done:
		return nil, time.Time{}, true, fmt.Errorf("%s has an export that is not finished: go on with claimlake export --to %s", dir, dir)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		kind, _, _ := strings.Cut(e.Name(), "-")
		if filepath.Ext(e.Name()) == ".ndjson" && (kind == string(extract.Output) || kind == string(extract.Deleted)) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, s.TransactionTime, true, err
}

func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("folder for the export: %w", err)
	}
	trail := filepath.Base(TrailDir(dir))
	if entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == trail }); len(entries) > 0 {
		return fmt.Errorf("%s has other files: name an empty folder", dir)
	}
	return nil
}

func (s saved) write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("note the export: %w", err)
	}
	if err := durable.Write(filepath.Join(dir, savedFile), append(text, '\n')); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

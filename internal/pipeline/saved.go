package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/durable"
)

// savedFile is the name of what a folder of files says about its export.
const savedFile = "export.json"

// exportsDir is the lake's folder with what only claimlake needs of exports into folders
// that are not finished: a folder is handed on, and a status URL may be a credential.
const exportsDir = "exports"

// saved is the export that a folder's files are of.
type saved struct {
	ID              string    `json:"id,omitempty"` // UUID, of the job in the lake
	Request         string    `json:"request"`
	TransactionTime time.Time `json:"transactionTime,omitzero"`
	Done            bool      `json:"done"`             // all files are there
	Short           []string  `json:"short,omitempty"`  // those that have less than was announced
	Failed          string    `json:"failed,omitempty"` // what the server says it could not export, in codes and types

	savedJob        // of an older claimlake, which kept it here
	lake     string // that has the job
}

// savedJob is how the server is asked for an export that is not finished.
type savedJob struct {
	StatusURL string       `json:"statusUrl,omitempty"` // its query may be a credential
	Started   time.Time    `json:"started,omitzero"`
	Pace      extract.Pace `json:"pace,omitzero"` // of polls
}

func (j savedJob) job() extract.Job {
	return extract.Job{StatusURL: j.StatusURL, Started: j.Started, Pace: j.Pace}
}

// openSaved makes the folder, or finds the unfinished export of the same request
// in it. Other folders are refused: files of two exports must not mix.
func openSaved(lake, dir, request string) (saved, error) {
	if err := durable.MkdirAll(dir); err != nil {
		return saved{}, fmt.Errorf("folder for the export: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, savedFile))
	if errors.Is(err, os.ErrNotExist) {
		return saved{ID: uuid.NewString(), Request: request, lake: lake}, checkEmpty(dir)
	}
	if err != nil {
		return saved{}, fmt.Errorf("go on with an export: %w", err)
	}
	s := saved{lake: lake}
	switch err := json.Unmarshal(text, &s); {
	case err != nil:
		return saved{}, fmt.Errorf("%s in %s is damaged: export into another folder", savedFile, dir)
	case s.Done:
		return saved{}, fmt.Errorf("%s has a finished export: name another folder", dir)
	case s.Request != request:
		return saved{}, fmt.Errorf("%s has an unfinished export of another request: name another folder", dir)
	case s.StatusURL != "":
		s.ID = uuid.NewString()
		return s, nil
	}
	return s, s.readJob(dir)
}

// readJob reads how the server is asked.
func (s *saved) readJob(dir string) error {
	if uuid.Validate(s.ID) != nil {
		return fmt.Errorf("%s in %s is damaged: export into another folder", savedFile, dir)
	}
	text, err := os.ReadFile(s.jobPath())
	if err == nil {
		err = json.Unmarshal(text, &s.savedJob)
	}
	if err != nil {
		return fmt.Errorf("the unfinished export in %s was begun with another lake, or its state is lost: use that lake's configuration, or export into another folder: %w", dir, err)
	}
	return nil
}

func (s saved) jobPath() string { return filepath.Join(s.lake, exportsDir, s.ID+".json") }

// CheckSaved makes the folder, and says why an export of a request cannot go there.
func CheckSaved(lake, dir, request string) error {
	_, err := openSaved(lake, dir, request)
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
	case s.StatusURL == "" && s.ID == "":
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
	for _, e := range entries {
		if e.Name() != savedFile+durable.PartMark { // a crash left it, before there was more
			return fmt.Errorf("%s has other files: name an empty folder", dir)
		}
	}
	return nil
}

// write keeps the export: the job in the lake, and then the rest in the folder.
func (s saved) write(dir string) error {
	job, err := json.Marshal(s.savedJob)
	if err == nil {
		err = durable.MkdirAll(filepath.Dir(s.jobPath()))
	}
	if err == nil {
		err = durable.Write(s.jobPath(), append(job, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note the export: %w", err)
	}
	s.savedJob = savedJob{}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("note the export: %w", err)
	}
	if err := durable.Write(filepath.Join(dir, savedFile), append(text, '\n')); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

// forget removes the job of an export that is over.
func (s saved) forget() error {
	if err := durable.Remove(s.jobPath()); err != nil {
		return fmt.Errorf("forget the export: %w", err)
	}
	return durable.SyncDir(filepath.Dir(s.jobPath()))
}

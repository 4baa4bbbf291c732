package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
)

// Save exports into the folder dir and loads nothing: each file of the manifest
// becomes one of the same lines, mode 0600. A file has its name only once it is
// durable, so that an interrupted Save of the same request goes on with those that
// are missing. The server's export is deleted when all are there. It gives the
// number of files. downloads is how many come at once. The folder may be handed on: what the
// server is asked with is in the configured lake. The error wraps ErrShort where all
// files are there, and some have less than was announced, or the server says that it could
// not export all.
func (s *Server) Save(ctx context.Context, dir, request string, downloads int) (int, error) {
	state, err := openSaved(s.lake, dir, request)
	if err != nil {
		return 0, err
	}
	m, err := s.await(ctx, state.job(), func(job extract.Job) error {
		state.StatusURL, state.Started, state.Pace = job.StatusURL, job.Started, job.Pace
		return state.write(dir)
	})
	if errors.Is(err, extract.ErrGone) && state.StatusURL != "" {
		return 0, fmt.Errorf("%w: the files in %s are those of an export that is no more: export into another folder", err, dir)
	}
	if err != nil {
		return 0, err
	}
	all := slices.Concat(m.Output, m.Deleted, m.Outcome)
	err = s.saveAll(ctx, dir, all, downloads)
	for _, id := range slices.Sorted(maps.Keys(s.short)) {
		state.Short = append(state.Short, id+": "+s.short[id])
	}
	var failures extract.Failures
	if err == nil {
		failures = savedFailures(dir, m.Outcome)
		state.TransactionTime, state.Done = m.TransactionTime, true
	}
	if failures.Issues > 0 {
		state.Failed = "the server could not export all: " + failures.String()
	}
	if err := errors.Join(err, state.write(dir)); err != nil {
		return 0, err
	}
	err = errors.Join(s.Finish(context.WithoutCancel(ctx), s.job), state.forget())
	if len(state.Short) > 0 {
		err = errors.Join(err, fmt.Errorf("%w: %s; the files are saved: look at them, or export again into another folder", ErrShort, strings.Join(state.Short, "; ")))
	}
	if state.Failed != "" {
		err = errors.Join(err, fmt.Errorf("%w: %s; what it could is saved: look at the outcome files in %s, and export again into another folder", ErrShort, state.Failed, dir))
	}
	return len(all), err
}

// ErrShort says that files of an export have less than was announced, or that the server
// says so of the export.
var ErrShort = errors.New("not all came that there is")

// savedFailures reads what the server says it could not give. A file that cannot be read
// may say anything.
func savedFailures(dir string, list []extract.File) (all extract.Failures) {
	for _, f := range list {
		file, err := os.Open(filepath.Join(dir, savedName(f)))
		if err != nil {
			all.Add(extract.Failures{Issues: 1, All: true})
			continue
		}
		found, _ := extract.FailuresIn(file) // of an error it concerns all types
		_ = file.Close()
		all.Add(found)
	}
	return all
}

// saveAll downloads what is not there, several files at once. While a file becomes
// durable the next one comes.
func (s *Server) saveAll(ctx context.Context, dir string, all []extract.File, downloads int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(downloads)
	var ending errgroup.Group
	ending.SetLimit(downloads)
	for _, f := range all {
		g.Go(func() error {
			p, err := s.saveFile(ctx, filepath.Join(dir, savedName(f)), f)
			if err == nil && p != nil {
				ending.Go(p.end)
			}
			return err
		})
	}
	return errors.Join(g.Wait(), ending.Wait())
}

var savedType = regexp.MustCompile(`^[A-Z][A-Za-z]{0,63}$`)

// savedName is the name of a file on disk, such as output-000001.Claim.ndjson.
func savedName(f extract.File) string {
	if savedType.MatchString(f.Type) {
		return f.ID + "." + f.Type + ".ndjson"
	}
	return f.ID + ".ndjson"
}

// saveFile downloads a file unless it is there; then it gives nil.
func (s *Server) saveFile(ctx context.Context, path string, f extract.File) (*partFile, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, nil
	}
	shown := files([]extract.File{f}, f.Kind == extract.Deleted)[0]
	event := audit.Event{Action: "file.export", Source: s.source, Object: f.ID + " " + f.Name}
	if f.Type != "" {
		event.Types = []string{f.Type}
	}
	if err := s.trail.Append(event); err != nil {
		return nil, err
	}
	s.observer.Begin(shown)
	defer s.observer.End(f.ID)
	p := &partFile{path: path, id: f.ID, observer: s.observer, every: syncBytes}
	d := s.client.Download(f).From(p.mark())
	p.version = d.Version
	if err := d.Save(ctx, p.open); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if short := d.Transfer().Short; short != "" {
		s.mu.Lock()
		s.short[f.ID] = short
		s.mu.Unlock()
	}
	// Files of other kinds, and organized ones, have lines that are not counted.
	if counted := f.Kind == extract.Output && f.Type != ""; counted && f.Count >= 0 && f.Count < p.lines() {
		s.log.Warn("the manifest does not fit the file", "file", f.ID, "announced", f.Count, "lines", p.lines())
	}
	return p, nil
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

// Server is a Source that exports from a FHIR server.
type Server struct {
	client   *extract.Client
	export   extract.Export
	deadline time.Duration
	stall    time.Duration
	observer Observer
	log      *slog.Logger
	trail    *audit.Trail
	source   string
	lake     string            // that keeps what is needed of a Save that is not finished
	early    func(Batch) error // is told of files before the export is done; nil: nobody is
	job      extract.Job
	still    bool // it was said that the export stands still

	mu     sync.Mutex
	hashes map[string]string // SHA-256 by file
	short  map[string]string // why a file may not be whole
}

// NewServer makes a Source of the configured server. It asks the server nothing
// yet. The error says what is wrong with the configuration.
func NewServer(c config.Config, export extract.Export, a Agent) (*Server, error) {
	deadline, err := c.Limits.Deadline()
	if err != nil {
		return nil, err
	}
	stall, err := c.Limits.Stall()
	if err != nil {
		return nil, err
	}
	client, err := remoteClient(c, export.Types, a)
	return &Server{client: client, export: export, deadline: deadline, stall: stall, observer: a.Observer, log: a.Log, trail: a.Audit, source: c.Source.Name, lake: c.Lake.Dir, hashes: map[string]string{}, short: map[string]string{}}, err
}

// timesLongest is how many times as long as any of late an export may take.
const timesLongest = 3

// Expect gives exports more time than is configured where the longest of late took a
// good part of that: a source grows. It may also stand still for as long as any took.
func (s *Server) Expect(longest time.Duration) {
	s.deadline = max(s.deadline, timesLongest*longest)
	if s.stall > 0 {
		s.stall = max(s.stall, longest)
	}
}

// LongestExport is how long the longest of a source's last exports into the lake in dir
// took; zero before the first.
func LongestExport(ctx context.Context, dir, source string) (longest time.Duration, err error) {
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		longest, err = l.LongestExport(ctx, source)
		return err
	})
	return longest, err
}

// Early implements Gradual.
func (s *Server) Early(known func(Batch) error) { s.early = known }

// Prepare starts the export, or goes on with the earlier one, and waits for it.
func (s *Server) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	m, err := s.await(ctx, earlier, note)
	if err != nil {
		return Batch{}, err
	}
	b := batchOf(m)
	b.Missing = m.Missing(s.export.Types)
	b.Failures, err = s.failures(ctx, m.Outcome)
	return b, err
}

// batchOf is what a manifest says, or a part of one.
func batchOf(m extract.Manifest) Batch {
	return Batch{TransactionTime: m.TransactionTime, Files: append(files(m.Output, false), files(m.Deleted, true)...), Served: m.Served}
}

// failures reads what the server says it could not give. A file that it does not have, or
// that holds something else, may say anything: the run goes on, and a check fails.
func (s *Server) failures(ctx context.Context, list []extract.File) (all extract.Failures, err error) {
	for _, f := range list {
		if err := s.trail.Append(audit.Event{Action: "file.download", Source: s.source, Object: f.ID + " " + f.Name}); err != nil {
			return all, err
		}
		found, err := s.client.Failures(ctx, f)
		failure, _ := errors.AsType[*extract.Error](err)
		switch {
		case err == nil:
		case ctx.Err() != nil, failure == nil, failure.Class == extract.Network:
			return all, err
		default:
			s.log.Warn("a file in which the server says what it could not export cannot be read", "file", f.ID, "error", err)
		}
		if found.Issues > 0 {
			s.log.Warn("the server could not export all", "file", f.ID, "errors", found.Issues, "codes", found.Codes, "types", found.Types)
		}
		all.Add(found)
	}
	return all, nil
}

// await starts the export, or goes on with the earlier one, until its manifest is
// there.
func (s *Server) await(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (extract.Manifest, error) {
	s.job, s.export = earlier, s.export.Without(earlier.LeftOut)
	if earlier.StatusURL == "" {
		if err := s.start(ctx, note); err != nil {
			return extract.Manifest{}, err
		}
	}
	m, err := s.wait(ctx, note)
	if outside := extract.OutsidePatients(s.export.Types); errors.Is(err, extract.ErrFailed) && s.export.Narrow && s.export.Level == extract.Patient && len(outside) > 0 {
		s.log.Warn("the export failed; it is started once more without types that are about no patient; name them in export.types to ask for them all the same", "types", outside)
		if err := s.client.Delete(ctx, s.job); err != nil {
			s.log.Warn("the server could not be told that an export is not needed any longer", "error", err)
		}
		s.export = s.export.Without(outside)
		if err := s.start(ctx, note); err != nil {
			return extract.Manifest{}, err
		}
		m, err = s.wait(ctx, note)
	}
	if err != nil {
		return extract.Manifest{}, err
	}
	s.tell(m)
	return m, nil
}

// start starts the export, and notes it before it is first asked for.
func (s *Server) start(ctx context.Context, note func(extract.Job) error) error {
	s.observer.Step("start the export")
	job, err := s.client.Kickoff(ctx, s.export)
	if err != nil {
		return err
	}
	if err := note(job); err != nil {
		return err
	}
	s.export = s.export.Without(job.LeftOut)
	s.job, s.job.Unreadable, s.job.LeftOut = job, nil, nil // noted
	return nil
}

// wait waits until the export's manifest is there.
func (s *Server) wait(ctx context.Context, note func(extract.Job) error) (extract.Manifest, error) {
	pace := func(p extract.Pace) error {
		s.job.Pace = p
		return note(s.job)
	}
	return s.client.Wait(ctx, s.job, s.deadline, extract.Watch{Stall: s.stall, Partial: s.export.AllowPartialManifests, Asking: pace, Progress: func(p extract.Progress) error {
		if err := pace(p.Pace); err != nil {
			return err
		}
		s.observer.Step(waiting(p))
		s.warnStill(p)
		if s.early == nil || p.Manifest == nil {
			return nil
		}
		return s.early(batchOf(*p.Manifest))
	}})
}

// stillTold is how long an export stands still before that is said.
const stillTold = 30 * time.Minute

// waiting says how an export goes.
func waiting(p extract.Progress) string {
	done := ""
	if p.Percent != "" {
		done = ", " + p.Percent + " done"
	}
	if p.Still >= stillTold {
		done += fmt.Sprintf(", the same for %s", p.Still.Round(time.Minute))
	}
	return fmt.Sprintf("the server exports%s (asking again in %s)", done, p.Pace.Every.Round(time.Second))
}

// warnStill warns once of an export that stands still.
func (s *Server) warnStill(p extract.Progress) {
	switch {
	case p.Still < stillTold:
		s.still = false
	case !s.still:
		s.still = true
		s.log.Warn("the export stands still: the server may have lost it", "done", p.Percent, "for", p.Still.Round(time.Minute), "given_up_after", s.stall)
	}
}

// tell logs what the manifest says besides its files.
func (s *Server) tell(m extract.Manifest) {
	if missing := m.Missing(s.export.Types); len(missing) > 0 {
		s.log.Info("the export has no file of some types: there is none, or it may not be read", "types", missing)
	}
	if n := len(m.Outcome); n > 0 {
		s.log.Info("the server lists outcomes of the export", "files", n)
	}
}

func files(list []extract.File, deletes bool) []File {
	var out []File
	for _, f := range list {
		typ := f.Type
		if deletes {
			typ = ""
		}
		out = append(out, File{ID: f.ID, Name: f.Name, ResourceType: typ, Deletes: deletes, Announced: f.Count, Bytes: f.Size, handle: f})
	}
	return out
}

// Pages downloads a file.
func (s *Server) Pages(ctx context.Context, f File, from extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		d := s.client.Download(f.handle).From(from)
		for p, err := range d.Pages(ctx, b) {
			if !yield(p, err) || err != nil {
				return
			}
		}
		t := d.Transfer()
		for _, problem := range t.Problems {
			s.log.Warn("the manifest does not fit the file", "file", f.ID, "problem", problem)
		}
		s.mu.Lock()
		s.hashes[f.ID], s.short[f.ID] = t.SHA256, t.Short
		if t.FewLines && f.Announced >= 0 { // the checks of the run count lines, too
			s.short[f.ID] = ""
		}
		s.mu.Unlock()
	}
}

// Ending says whether a file may not be whole.
func (s *Server) Ending(fileID string) Ending {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Ending{Announced: -1, Short: s.short[fileID]}
}

// SHA256 is the hash of a file that was read to its end.
func (s *Server) SHA256(fileID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hashes[fileID]
}

// Cancel tells the server to stop an export, or to forget it.
func (s *Server) Cancel(ctx context.Context, job extract.Job) error { return s.client.Delete(ctx, job) }

// Finish tells the server that it may forget the export.
func (s *Server) Finish(ctx context.Context, job extract.Job) error {
	if job.StatusURL == "" {
		return errors.New("no export to delete")
	}
	return s.client.Delete(ctx, job)
}

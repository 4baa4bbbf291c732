package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/load/parquet"
)

// lakeState is what a lake has, whichever runs brought it.
type lakeState struct {
	Items       []string // as readers see them
	Quarantined []string // the lines
	Archived    []string // the pages
	Watermark   time.Time
	Runs        uint32 // that were begun
}

// sound checks a lake that power loss has left, before anything is run on it: all that its
// ledger says is done is there.
func (s *powerStory) sound(t testing.TB, lake string, marks []string) {
	t.Helper()
	done := nightsIn(marks)
	if _, err := os.Stat(filepath.Join(lake, ledger.FileName)); errors.Is(err, fs.ErrNotExist) {
		if left, err := filepath.Glob(filepath.Join(lake, "current", "*")); len(left) > 0 || len(marks) > 0 {
			t.Errorf("no ledger, though %d syncs were done, and readers see %v: %v", done, left, err)
		}
		return
	}
	s.withLedger(t, lake, func(l *ledger.Ledger, p *parquet.Lake) {
		got := s.state(t, lake, l)
		if may := s.after[done:min(done+2, len(s.after))]; !slices.ContainsFunc(may, func(w lakeState) bool { return slices.Equal(w.Items, got.Items) }) {
			t.Errorf("after %d syncs readers see %v", done, got.Items)
		}
		if err := errors.Join(fits(t.Context(), l, lake, p), fitsTrail(t.Context(), l, TrailDir(lake))); err != nil {
			t.Error(err)
		}
		s.partsAreWhole(t, l, p)
		s.recordsAreWhole(t, lake)
		s.runsAreWhole(t, lake, l, p, marks)
	})
	_, err := audit.Verify(TrailDir(lake), "", "")
	if err == nil {
		_, err = audit.Open(audit.Options{Dir: TrailDir(lake)}) // with its key
	}
	if errors.Is(err, audit.ErrAltered) || err != nil && len(marks) > 0 {
		t.Error(err)
	}
}

// nightsIn is how many syncs had ended.
func nightsIn(marks []string) (n int) {
	for _, m := range marks {
		if m == markNight {
			n++
		}
	}
	return n
}

func (s *powerStory) withLedger(t testing.TB, lake string, do func(*ledger.Ledger, *parquet.Lake)) {
	t.Helper()
	p, err := parquet.Open(lake)
	must(t, err)
	l, err := ledger.Open(t.Context(), lake)
	must(t, err)
	defer l.Close() //nolint:errcheck // only read
	l.SealWith(s.keys)
	do(l, p)
}

// runsAreWhole checks what each run of a ledger relies on.
func (s *powerStory) runsAreWhole(t testing.TB, lake string, l *ledger.Ledger, p *parquet.Lake, marks []string) {
	t.Helper()
	runs, err := l.Runs(t.Context())
	must(t, err)
	shown, err := p.Runs()
	must(t, err)
	done := nightsIn(marks)
	for _, r := range runs {
		parts, err := l.Parts(t.Context(), r.ID)
		must(t, err)
		if r.State == ledger.Promoted && len(parts) > 0 && !slices.Contains(shown, r.ID) {
			t.Errorf("run %d is promoted, and readers do not see it", r.Number)
		}
		if r.State != ledger.Promoted && r.State != ledger.Failed && slices.Contains(marks, markTold+r.StatusURL) {
			t.Errorf("run %d is %s, and the server was told to forget its export", r.Number, r.State)
		}
		if _, err := os.Stat(recordPath(lake, r.Number)); err != nil && r.State == ledger.Promoted && r.Number <= s.after[done].Runs {
			t.Errorf("run %d ended, and has no record: %v", r.Number, err)
		}
	}
}

// partsAreWhole compares the parts of all runs, and what readers see, with their hashes.
func (s *powerStory) partsAreWhole(t testing.TB, l *ledger.Ledger, p *parquet.Lake) {
	t.Helper()
	recorded, err := l.LiveParts(t.Context())
	must(t, err)
	var parts []parquet.Part
	for _, part := range recorded {
		parts = append(parts, parquet.Part(part))
	}
	_, findings, err := p.Verify(t.Context(), parts)
	must(t, err)
	for _, f := range findings {
		t.Errorf("%s %s", f.Path, f.Problem)
	}
}

// recordsAreWhole checks that the parts in records, of which a lost ledger is made again,
// are there.
func (s *powerStory) recordsAreWhole(t testing.TB, lake string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(lake, recordsDir, "*.json"))
	must(t, err)
	for _, name := range names {
		var record struct {
			Part []struct{ Path string } `json:"part"`
		}
		text, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(text, &record)
		}
		for _, part := range record.Part {
			_, gone := os.Stat(filepath.Join(lake, part.Path))
			err = errors.Join(err, gone)
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}

// state reads what a lake has. What the ledger says of the archive and the quarantine is
// there.
func (s *powerStory) state(t testing.TB, lake string, l *ledger.Ledger) (state lakeState) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(lake, "current")); err == nil {
		if _, err := os.Stat(filepath.Join(lake, "current", "claim_item")); err != nil {
			t.Errorf("readers have a broken link: %v", err)
		}
	}
	state.Items = items(t, lake)
	var err error
	state.Watermark, err = l.Watermark(t.Context(), "local")
	must(t, err)
	runs, err := l.Runs(t.Context())
	must(t, err)
	state.Runs = uint32(len(runs))
	lines, err := l.Quarantined(t.Context(), "")
	must(t, err)
	for _, q := range lines {
		line, err := quarantine.In(lake, s.keys).Line(q.RunID, q.File, q.Page, q.Index)
		if err != nil {
			t.Errorf("the ledger has a line in quarantine: %v", err)
		}
		state.Quarantined = append(state.Quarantined, string(line))
	}
	for _, r := range runs {
		if r.State != ledger.Failed {
			state.Archived = append(state.Archived, s.archived(t, lake, l, r)...)
		}
	}
	for _, list := range []*[]string{&state.Quarantined, &state.Archived} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return state
}

// archived are the pages of a run.
func (s *powerStory) archived(t testing.TB, lake string, l *ledger.Ledger, r ledger.Run) (pages []string) {
	t.Helper()
	files, err := l.Files(t.Context(), r.ID)
	must(t, err)
	for _, f := range files {
		list, err := l.ArchivedPages(t.Context(), r.ID, f.ID)
		must(t, err)
		for _, p := range list {
			data, err := archive.In(lake, s.keys).Page(archive.Place(p.Archived))
			if err != nil || xxh3.Hash(data) != p.Hash {
				t.Errorf("page %s:%d of run %d is not in the archive as the ledger says: %v", f.ID, p.First, r.Number, err)
			}
			pages = append(pages, string(data))
		}
	}
	return pages
}

// goesOn runs the interrupted sync again, and compares the lake with one that never lost
// power. After an interruption what a full sync lacks is for the next one to find.
func (s *powerStory) goesOn(t testing.TB, lake string, marks []string) {
	t.Helper()
	server := &nightServer{gone: map[string]bool{}, told: func(string) {}}
	for _, m := range marks {
		server.gone[strings.TrimPrefix(m, markTold)] = true
	}
	n := min(nightsIn(marks), len(s.nights)-1)
	server.export = 1000
	postponed := func(f ledger.Finding) bool { return f.Check == absencesCheck }
	if r := s.runNight(t, lake, n, server); slices.ContainsFunc(r.Findings, postponed) {
		s.runNight(t, lake, n, server)
	}
	var got lakeState
	s.withLedger(t, lake, func(l *ledger.Ledger, _ *parquet.Lake) { got = s.state(t, lake, l) })
	if diff := cmp.Diff(s.after[n+1], got, cmpopts.IgnoreFields(lakeState{}, "Runs")); diff != "" {
		t.Errorf("night %d: %s", n+1, diff)
	}
	s.sound(t, lake, slices.Repeat([]string{markNight}, n+1))
	s.leavesNothing(t, lake)
}

// leavesNothing looks for files that are not whole, and for those that no run has.
func (s *powerStory) leavesNothing(t testing.TB, lake string) {
	t.Helper()
	must(t, filepath.WalkDir(lake, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tmp") || strings.HasSuffix(path, ".part") {
			t.Errorf("left %s", strings.TrimPrefix(path, lake))
		}
		return err
	}))
	s.withLedger(t, lake, func(l *ledger.Ledger, _ *parquet.Lake) {
		known := map[string]bool{}
		parts, err := l.LiveParts(context.Background())
		must(t, err)
		for _, p := range parts {
			known[p.Path] = true
		}
		pages, err := l.ArchivePaths(context.Background())
		must(t, err)
		for _, p := range pages {
			known["archive/"+p] = true
		}
		runs, err := l.Runs(context.Background())
		must(t, err)
		for _, r := range runs {
			known["quarantine/"+r.ID] = r.State != ledger.Failed
		}
		for _, pattern := range []string{"runs/*/*/*", "archive/*/*", "quarantine/*"} {
			found, err := filepath.Glob(filepath.Join(lake, pattern))
			must(t, err)
			for _, path := range found {
				if rel, err := filepath.Rel(lake, path); err != nil || !known[filepath.ToSlash(rel)] {
					t.Errorf("left %s", fmt.Sprint(rel, err))
				}
			}
		}
	})
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// night is what a server has when it is asked, and how the first attempt ends.
type night struct {
	full  bool
	files []nightFile
	first error // of the first attempt, after pages of the file that it is of; nil: all is well
}

type nightFile struct {
	id, content string
	fails       bool // at the first attempt
}

// nights are syncs after which there is something of everything: copies that replace
// others, deletions that are told and such that are not, lines that cannot be used, a sync
// that was interrupted and went on, and one that was given up.
func nights() []night {
	claims := func(from, to int, updated string, nets ...string) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			b.WriteString(claimLine(fmt.Sprintf("c%02d", i), updated, nets...) + "\n")
		}
		return b.String()
	}
	without := func(id, lines string) string {
		var b strings.Builder
		for line := range strings.Lines(lines) {
			if !strings.Contains(line, `"id":"`+id+`"`) {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	const bad = `{"resourceType":"Claim","id":"bad` // twice, and another each time
	first := claims(1, 12, monday, "1", "2")
	second := claims(13, 24, monday, "3")
	changed := claims(3, 4, tuesday, "4", "5", "6") + claims(25, 25, tuesday, "7")
	later := claims(13, 14, "2026-01-07T00:00:00Z", "8")
	deleted := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/c05"}}]}` + "\n"
	return []night{
		{full: true, files: []nightFile{{id: "output-1", content: first}, {id: "output-2", content: second + bad + "1\n"}}},
		{first: errCut, files: []nightFile{{id: "output-1", content: changed}, {id: "output-2", content: claims(15, 15, tuesday), fails: true}, {id: "deleted-1", content: deleted}}},
		{first: extract.ErrDamaged, files: []nightFile{{id: "output-1", content: later + bad + "2\n", fails: true}}},
		{full: true, files: []nightFile{{id: "output-1", content: claims(1, 2, monday, "1", "2") + changed + claims(6, 8, monday, "1", "2") + claims(10, 12, monday, "1", "2")},
			{id: "output-2", content: without("c15", claims(15, 24, monday, "3")) + later + claims(15, 15, tuesday)}}}, // no c09
	}
}

// nightServer is a Source: a server that makes an export each night, and forgets it when
// it is told to.
type nightServer struct {
	night  night
	at     time.Time
	fails  bool // this attempt is the first
	gone   map[string]bool
	told   func(url string)
	mu     sync.Mutex
	export int
}

func (s *nightServer) Prepare(_ context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: s.at}
	for _, f := range s.night.files {
		file := File{ID: f.id, Name: "https://fhir.example.org/" + f.id, ResourceType: "Claim", Announced: -1, Bytes: -1}
		if strings.HasPrefix(f.id, "deleted") {
			file.ResourceType, file.Deletes = "", true
		}
		b.Files = append(b.Files, file)
	}
	if earlier.StatusURL == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.export++
		return b, note(extract.Job{StatusURL: fmt.Sprintf("https://fhir.example.org/status/%s-%d", s.at.Format(time.DateOnly), s.export)})
	}
	if s.gone[earlier.StatusURL] {
		return Batch{}, extract.ErrGone
	}
	return b, nil
}

func (s *nightServer) Pages(_ context.Context, f File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		for _, of := range s.night.files {
			if of.id != f.ID {
				continue
			}
			for p, err := range extract.NewPageReader(strings.NewReader(of.content), extract.Start, b).Pages() {
				if !yield(p, err) {
					return
				}
			}
			if of.fails && s.fails {
				yield(lineage.Page{}, s.night.first)
			}
		}
	}
}

func (s *nightServer) SHA256(string) string { return "" }

func (s *nightServer) Finish(_ context.Context, job extract.Job) error {
	s.told(job.StatusURL)
	s.gone[job.StatusURL] = true
	return nil
}

// powerStory is what happened while the disk was recorded.
type powerStory struct {
	nights []night
	plan   *transform.Plan
	keys   *seal.Keys
	after  []lakeState // after so many nights
	steps  []durabletest.Step
}

// Marks of a recorded disk.
const (
	markNight = "night"   // a night's sync ended well
	markTold  = "forget " // the server was told to forget an export
)

// runNight runs the sync of a night as a process would, until it ends well.
func (s *powerStory) runNight(t testing.TB, lake string, n int, server *nightServer) Report {
	t.Helper()
	server.night, server.at, server.fails = s.nights[n], epoch.AddDate(0, 0, 7+n), server.fails && s.nights[n].first != nil
	for {
		o := options(t, lake, nil)
		o.Plan, o.Kind, o.Resume, o.Full, o.Archive, o.Keys = s.plan, "sync", true, s.nights[n].full, true, s.keys
		trail, err := OpenTrail(t.Context(), lake, "", "test")
		if err != nil {
			t.Fatal(err)
		}
		o.Audit = trail
		report, err := Run(t.Context(), o, server)
		if err == nil && !server.fails {
			return report
		}
		if !server.fails || !errors.Is(err, s.nights[n].first) {
			t.Fatalf("night %d: %v", n, err)
		}
		server.fails = false
	}
}

// recordedNights is one recording for all tests of it.
func recordedNights(t *testing.T) *powerStory {
	t.Helper()
	recording.Do(func() { recorded = recordNights(t) })
	if recorded == nil {
		t.Fatal("the syncs did not end")
	}
	return recorded
}

var (
	recording sync.Once
	recorded  *powerStory
)

// recordNights runs all syncs in a folder that is recorded.
func recordNights(t *testing.T) *powerStory {
	t.Helper()
	s := &powerStory{nights: nights(), plan: plan(t), after: []lakeState{{}}}
	text, err := seal.Generate(nil)
	must(t, err)
	s.keys, err = seal.Parse(text, nil)
	must(t, err)
	root := t.TempDir()
	lake := filepath.Join(root, "lake")
	recorder := durabletest.Record(root)
	server := &nightServer{gone: map[string]bool{}, told: func(url string) { recorder.Mark(markTold + url) }}
	for n := range s.nights {
		server.fails = true
		s.runNight(t, lake, n, server)
		recorder.Mark(markNight)
		s.withLedger(t, lake, func(l *ledger.Ledger, _ *parquet.Lake) { s.after = append(s.after, s.state(t, lake, l)) })
	}
	s.steps = recorder.Stop()
	return s
}

// Whenever the power fails in any of several syncs, and whatever the disk loses of what
// was not synced: what the ledger says is done is there, readers see the state before or
// after the sync, and the same sync, run again, ends as if nothing had happened.
func TestSyncSurvivesPowerLoss(t *testing.T) {
	s := recordedNights(t)
	losses, restarts := s.sample()
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		losses, restarts = s.everything()
	}
	disks := 0
	for c := range durabletest.CrashesAt(s.steps, losses) {
		disks++
		root := t.TempDir()
		must(t, c.Write(root))
		lake := filepath.Join(root, "lake")
		t.Run(c.Name, func(t *testing.T) {
			s.sound(t, lake, c.Marks)
			if restarts(c.Step) {
				t.Parallel() // it waits for the disk
				s.goesOn(t, lake, c.Marks)
			}
		})
	}
	t.Logf("%d operations, %d disks", len(s.steps), disks)
}

// everything loses power after each step, in each way and two random ones.
func (s *powerStory) everything() (losses func(n int) []durabletest.Loss, restarts func(n int) bool) {
	return func(n int) []durabletest.Loss {
		return append(durabletest.Losses(), durabletest.Random(uint64(2*n)), durabletest.Random(uint64(2*n+1)))
	}, func(int) bool { return true }
}

// sample loses all that was not synced after each step that something else relies on. The
// sync is run again after the first step of each kind, which is in a different way for each
// of them: what is done to which file.
func (s *powerStory) sample() (losses func(n int) []durabletest.Loss, restarts func(n int) bool) {
	all := durabletest.Losses()
	chosen := map[int][]durabletest.Loss{}
	again := map[int]bool{}
	kinds := map[string]bool{}
	for n, step := range s.steps {
		if step.Mark != "" || step.Kind == durable.Committed || step.Kind == durable.Renamed && !strings.Contains(step.Path, "/audit/") {
			chosen[n] = all[:1]
		}
		kind := string(step.Kind) + " " + names.ReplaceAllString(step.Path, "#")
		if step.Kind != durable.Opened && !kinds[kind] {
			kinds[kind], again[n] = true, true
			chosen[n] = []durabletest.Loss{all[len(kinds)%len(all)]}
		}
	}
	return func(n int) []durabletest.Loss { return chosen[n] }, func(n int) bool { return again[n] }
}

// names are what is not the same each time in the names of files, and tables.
var names = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+|claim_item|claim`)

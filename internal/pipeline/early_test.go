package pipeline

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/bubbletest"
	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

// partialRun is a lake and a server that makes its manifest in parts, one file each, which
// are all there after so many polls, and allows one so often.
func partialRun(t *testing.T, polls int, every time.Duration) *matrixRun {
	t.Helper()
	c := faultCase{export: partial, server: func(o *fhirtest.Options) {
		o.PageFiles, o.Polls, o.RetryAfter, o.MinPoll = 1, polls, strconv.Itoa(int(every.Seconds())), every
	}}
	return c.start(t, goodSync{}, faultCell{kind: gzipRange})
}

// inBubble runs a test with a clock that passes by itself. What all Parquet parts share is
// made before, outside.
func inBubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	if _, err := flatten(t, options(t, t.TempDir(), nil), write(t, filepath.Join(t.TempDir(), "first.ndjson"), claimLine("1", monday, "1"))); err != nil {
		t.Fatal(err)
	}
	emptyPools()
	bubbletest.Run(t, test)
	emptyPools()
}

// Files of a partial manifest are fetched while the export runs, with one request a poll;
// readers see nothing before it is done.
func TestFilesAreFetchedWhileTheExportRuns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := partialRun(t, 9, 10*time.Second)
		m.options.before = func(step string) error {
			if step == "begin promote" && (!m.server.Exports()[0].Done || items(t, m.lake) != nil) {
				t.Error("a part of an export is promoted")
			}
			return nil
		}
		if err := m.sync(t); err != nil {
			t.Fatal(err)
		}
		m.complete(t)
		requests := m.server.Requests()
		done := slices.IndexFunc(requests, func(r fhirtest.Request) bool { return r.Kind == fhirtest.Manifest && r.Status == http.StatusOK })
		var early, all []string
		for i, r := range requests {
			if r.Kind != fhirtest.File {
				continue
			}
			if all = append(all, filepath.Base(r.Path)); i < done {
				early = append(early, filepath.Base(r.Path))
			}
		}
		if len(early) < 2 || len(all) != len(slices.Compact(slices.Sorted(slices.Values(all)))) {
			t.Errorf("of %v these came while the export ran: %v", all, early)
		}
		if broken := m.server.Broken(); broken != nil {
			t.Error(broken)
		}
	})
}

// A sync that is stopped while the export runs knows which files are done, since what came
// becomes durable while it waits: the next one asks for the others, with the same export.
func TestStoppedWhileTheExportRuns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := partialRun(t, 6, 8*time.Minute)
		ctx, stop := context.WithCancel(t.Context())
		m.options.Observer = stopAtEnd{stop: stop}
		if err := m.syncIn(ctx, t); err == nil || ctx.Err() == nil {
			t.Fatal(err)
		}
		m.asBefore(t, ctx.Err())
		before := m.count(fhirtest.File)
		if m.server.Exports()[0].Done || before == 0 {
			t.Fatalf("the export is done, or none of its files came: %d", before)
		}
		time.Sleep(10 * time.Minute)
		m.options.Observer = quiet{}
		if err := m.sync(t); err != nil {
			t.Fatal(err)
		}
		m.complete(t)
		if again := m.count(fhirtest.File); again > before+2 || m.count(fhirtest.Kickoff) != 1 {
			t.Errorf("%d files of 3 were asked for, %d before", again, before)
		}
		if broken := m.server.Broken(); broken != nil {
			t.Error(broken)
		}
	})
}

// stopAtEnd stops a run once a file is done.
type stopAtEnd struct {
	quiet
	stop func()
}

func (s stopAtEnd) End(string) { s.stop() }

// What an interrupted run has loaded of a manifest must still be in it.
func TestFileThatIsMissingAfterAnInterruption(t *testing.T) {
	recorded := []File{{ID: "output-000001", ResourceType: "Claim", Announced: 3}, {ID: "output-000002", ResourceType: "Claim", Announced: -1}, {ID: absentFile, Deletes: true, Announced: -1}, {ID: lineage.AgainFile(1, "output-000001"), Announced: -1}}
	for name, tc := range map[string]struct {
		now   []File
		whole bool
		other bool
	}{
		"the same":                    {recorded[:2], true, false},
		"one more":                    {append(recorded[:2:2], File{ID: "output-000003", Announced: -1}), true, false},
		"one less, in a part":         {recorded[:1], false, false},
		"one less":                    {recorded[:1], true, true},
		"another count":               {[]File{{ID: "output-000001", ResourceType: "Claim", Announced: 4}, recorded[1]}, true, true},
		"another type":                {[]File{{ID: "output-000001", ResourceType: "Patient", Announced: 3}, recorded[1]}, true, true},
		"deletions in a part's place": {[]File{recorded[0], {ID: "output-000002", ResourceType: "Claim", Deletes: true, Announced: -1}}, true, true},
	} {
		var known []ledger.File
		for _, f := range recorded {
			known = append(known, f.record())
		}
		err := sameFiles(known, Batch{Files: tc.now}, tc.whole)
		if (err != nil) != tc.other || err != nil && !spent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

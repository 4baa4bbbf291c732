package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// history loads full syncs of twenty claims, as many as it takes to know what is usual.
func history(t *testing.T, o Options, s *server) {
	t.Helper()
	s.content = claimsWithout()
	for range 3 {
		if _, err := Run(t.Context(), o, s); err != nil {
			t.Fatal(err)
		}
	}
}

func heldOptions(t *testing.T, w *Warehouse, lake string) Options {
	o := options(t, lake, w)
	o.Kind, o.Full, o.Resume, o.Request = "sync", true, true, "all"
	o.Checks = Checks{MaxRejected: 0.1, MaxDrop: 0.5}
	return o
}

func few() string { return claimLine("c1", monday, "2") + "\n" + claimLine("c2", monday, "2") + "\n" }

// A sync that is held back gives way to something else that is asked of the lake, not
// without a word, and comes again.
func TestHeldSyncGivesWay(t *testing.T) {
	lake := t.TempDir()
	o, s := heldOptions(t, nil, lake), &server{}
	history(t, o, s)
	s.content = few()
	if _, err := Run(t.Context(), o, s); !errors.Is(err, ErrHeld) {
		t.Fatal(err)
	}
	var log strings.Builder
	other := options(t, lake, nil)
	other.Log = slog.New(slog.NewTextHandler(&log, nil))
	if _, err := flatten(t, other, write(t, filepath.Join(t.TempDir(), "a.ndjson"), claimLine("else", monday, "1"))); err != nil {
		t.Fatal(err)
	}
	if n := len(items(t, lake)); n != 21 || !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "held back") {
		t.Errorf("readers see %d rows; log:\n%s", n, log.String())
	}
	if r, err := Run(t.Context(), o, s); !errors.Is(err, ErrHeld) || r.Run.Number != 6 {
		t.Errorf("run %d: %v", r.Run.Number, err)
	}
}

// A sync that a check fails is loaded and not shown, whatever happens to the server's
// export, until somebody accepts it.
func TestHeldSyncIsShownOnceItIsAccepted(t *testing.T) {
	lake := t.TempDir()
	w := warehouse(t, lake)
	o, s := heldOptions(t, w, lake), &server{}
	history(t, o, s)
	finished := s.finished
	s.content = few()
	for range 2 { // the next night's sync asks for the same
		r, err := Run(t.Context(), o, s)
		if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "claimlake promote --accept 4") || r.Run.Number != 4 || !r.Run.Held {
			t.Fatalf("run %d, held %t: %v", r.Run.Number, r.Run.Held, err)
		}
		if n, stored := len(items(t, lake)), len(w.stored(t)); n != 20 || stored != 20 || s.finished != finished {
			t.Errorf("readers see %d rows of the lake, %d of ClickHouse; finished %d times", n, stored, s.finished-finished)
		}
	}
	s.content = "" // the export is no more: nothing of it is needed
	asked := len(s.prepared)
	o.Checks.Accept, o.Checks.By, o.Only = "they moved", "jane", "4"
	o.Only = runID(t, lake, "4")
	r, err := Run(t.Context(), o, s)
	if err != nil || r.Run.State != ledger.Promoted || r.Run.Held || s.finished != finished+1 || len(s.prepared) != asked {
		t.Fatalf("%+v, finished %d times, %v", r.Run, s.finished-finished, err)
	}
	if n, stored := len(items(t, lake)), len(w.stored(t)); n != 20 || stored != 20 { // far too many are absent to be deleted
		t.Errorf("readers see %d rows of the lake, %d of ClickHouse", n, stored)
	}
	err = readLedger(t.Context(), lake, func(l *ledger.Ledger) error {
		a, err := l.Accepted(t.Context(), r.Run.ID)
		if a.By != "jane" || a.Reason != "they moved" || time.Since(a.At) > time.Minute {
			t.Errorf("accepted: %+v", a)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if got := w.rows(t, "SELECT check_name, subject, grade, found, expected FROM _check"); !slices.Equal(got, []string{"absences|Claim|warn|0|0", "volume|Claim|fail|2|20"}) {
		t.Errorf("_check: %q", got)
	}
}

func runID(t *testing.T, lake, name string) (id string) {
	t.Helper()
	err := readLedger(t.Context(), lake, func(l *ledger.Ledger) error {
		r, err := l.Run(t.Context(), name)
		id = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestChecksThatHoldASync(t *testing.T) {
	bad := claimsWithout("c7", "c8", "c9") + "{bad\n[]\n1\n"
	for name, tc := range map[string]struct {
		content string
		change  func(*Options)
		held    bool
	}{
		"as usual":                         {claimsWithout("c7"), nil, false},
		"too few":                          {few(), nil, true},
		"too few, and no limit":            {few(), func(o *Options) { o.Checks.MaxDrop = 0 }, false},
		"too few of what changed":          {few(), func(o *Options) { o.Full = false }, false},
		"too few, and absence is accepted": {few(), func(o *Options) { o.AcceptAbsent = true }, false},
		"too many bad lines":               {bad, nil, true},
		"bad lines, and no limit":          {bad, func(o *Options) { o.Checks.MaxRejected = 0 }, false},
		"bad lines of a flatten":           {bad, func(o *Options) { o.Kind, o.Full, o.Resume = "flatten", false, false }, false},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			o, s := heldOptions(t, nil, lake), &server{}
			history(t, o, s)
			s.content = tc.content
			if tc.change != nil {
				tc.change(&o)
			}
			if r, err := Run(t.Context(), o, s); errors.Is(err, ErrHeld) != tc.held || !tc.held && err != nil {
				t.Errorf("%v; findings %+v", err, r.Findings)
			}
		})
	}
}

// wellAfter is a server that has too little, and all of it when it is asked again.
type wellAfter struct {
	*server
	exports int
}

func (w *wellAfter) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	if w.exports++; w.exports > 1 {
		w.content = claimsWithout()
	}
	return w.server.Prepare(ctx, earlier, note)
}

func TestSecondAttemptAfterAFailedCheck(t *testing.T) {
	lake := t.TempDir()
	o, s := heldOptions(t, nil, lake), &server{}
	history(t, o, s)
	o.Checks.Second = time.Millisecond
	s.content, s.finished = few(), 0
	if r, err := Run(t.Context(), o, &wellAfter{server: s}); err != nil || r.Run.Number != 5 || r.Counts.Unchanged != 20 || s.finished != 2 {
		t.Errorf("run %d, %+v, %d exports finished: %v", r.Run.Number, r.Counts, s.finished, err)
	}
	s.content = few()
	if r, err := Run(t.Context(), o, s); !errors.Is(err, ErrHeld) || r.Run.Number != 7 {
		t.Errorf("run %d, where the second is no better: %v", r.Run.Number, err)
	}
}

// A part that somebody takes from one store is found at the end of the next run.
func TestStoresThatDifferAreFound(t *testing.T) {
	lake := t.TempDir()
	w := warehouse(t, lake)
	o, s := heldOptions(t, w, lake), &server{content: claimsWithout()}
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(lake, "current", "claim_item", "*.parquet"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("parts %q, %v", parts, err)
	}
	must(t, os.Remove(parts[0]))
	s.content, o.Full = claimLine("c21", tuesday, "1")+"\n", false
	r, err := Run(t.Context(), o, s)
	if !errors.Is(err, ErrDiffer) || len(r.Findings) == 0 || r.Findings[0].Check != "lake_is_warehouse" || r.Run.State != ledger.Promoted {
		t.Errorf("run %+v, findings %+v, %v", r.Run, r.Findings, err)
	}
	if err != nil && strings.Contains(err.Error(), "claimlake resume") {
		t.Errorf("the run is done, and the error says: %v", err)
	}
}

// A run says which of its references join with nothing.
func TestReferencesThatJoinWithNothingAreFound(t *testing.T) {
	eob := func(id, patient string) string {
		return `{"resourceType":"ExplanationOfBenefit","id":"` + id + `","meta":{"lastUpdated":"2026-01-01T00:00:00Z"},"patient":` + patient + `}`
	}
	dir := t.TempDir()
	o := options(t, filepath.Join(dir, "lake"), nil)
	mappings, err := schemas.Builtin()
	must(t, err)
	o.Plan, err = transform.Compile(mappings)
	must(t, err)
	report, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"),
		eob("1", `{"reference":"Patient/1/"}`), eob("2", `{"reference":"Patient?identifier=7"}`), eob("3", `{"identifier":{"value":"7"}}`), eob("4", `{"reference":"urn:uuid:4"}`)))
	must(t, err)
	var got []string
	for _, f := range report.Findings {
		if f.Check == checks.References || f.Check == checks.NoReference {
			got = append(got, fmt.Sprint(f.Subject, " ", f.Found, " ", f.Text))
		}
	}
	slices.Sort(got)
	want := []string{
		"explanation_of_benefit.patient_id 1 1 references name no id, and join with nothing",
		"explanation_of_benefit.patient_id 1 1 rows have no reference, or a logical or contained one, and join with nothing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

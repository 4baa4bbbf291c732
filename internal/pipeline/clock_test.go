package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
)

// clocked is a server whose export has a time, and of which some may have failed.
type clocked struct {
	server
	at, served time.Time
	failures   extract.Failures
}

func (c *clocked) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	b, err := c.server.Prepare(ctx, earlier, note)
	b.TransactionTime, b.Served, b.Failures = c.at, c.served, c.failures
	return b, err
}

func checkNames(t *testing.T, lake, run string) (names []string) {
	t.Helper()
	err := readLedger(t.Context(), lake, func(l *ledger.Ledger) error {
		found, err := l.Findings(t.Context(), run)
		for _, f := range found {
			if f.Grade == "fail" {
				names = append(names, f.Check)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A sync by whose time the next one would miss something is held back. Where it is
// accepted, the next one asks from a time by which it misses nothing.
func TestSyncOfAWrongTimeIsHeldBack(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	last := now.Add(-24 * time.Hour)
	past := last.Add(-time.Hour)
	failed := extract.Failures{Issues: 1, Types: []string{"Claim"}}
	for name, tc := range map[string]struct {
		c     clocked
		full  bool
		fails []string
		since func(at time.Time) bool // of the next sync, once it is shown
	}{
		"a right one":                {clocked{at: now, served: now}, false, nil, now.Equal},
		"a little ahead":             {clocked{at: now.Add(time.Minute)}, false, nil, now.Add(time.Minute).Equal},
		"in four years":              {clocked{at: now.AddDate(4, 0, 0), served: now.AddDate(4, 0, 0)}, false, []string{"future"}, before(now)},
		"in four years, of a full":   {clocked{at: now.AddDate(4, 0, 0)}, true, []string{"future"}, before(now)},
		"later than the server's":    {clocked{at: now.Add(-time.Minute), served: now.Add(-time.Hour)}, false, []string{"server_clock"}, before(now)},
		"before the last":            {clocked{at: past}, false, []string{"backwards"}, past.Equal},
		"before the last, of a full": {clocked{at: past}, true, []string{"backwards"}, past.Equal},
		"errors":                     {clocked{at: now, failures: failed}, false, []string{"export_errors"}, last.Equal},
		"errors, before the last":    {clocked{at: past, failures: failed}, false, []string{"backwards", "export_errors"}, past.Equal},
		"no time":                    {clocked{}, false, nil, last.Equal},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			o := options(t, lake, nil)
			o.Kind, o.Resume, o.Request = "sync", true, "all"
			if _, err := Run(t.Context(), o, &clocked{server: server{content: claimLine("c1", monday, "1") + "\n"}, at: last}); err != nil {
				t.Fatal(err)
			}
			s := tc.c
			s.content = claimLine("c1", tuesday, "2") + "\n"
			o.Full, o.Request = tc.full, "more"
			r, err := Run(t.Context(), o, &s)
			if len(tc.fails) > 0 {
				for range 2 { // the next night's sync finds the same
					if r, err = Run(t.Context(), o, &s); !errors.Is(err, ErrHeld) || r.Run.Number != 2 {
						t.Fatalf("run %d: %v", r.Run.Number, err)
					}
				}
				if got := checkNames(t, lake, r.Run.ID); !slices.Equal(got, tc.fails) {
					t.Errorf("failed: %v, want %v", got, tc.fails)
				}
				if at, _ := Watermark(t.Context(), lake, o.Source); !at.Equal(last) || !slices.Equal(items(t, lake), []string{"c1|1|1.0000"}) {
					t.Errorf("held back, the next asks since %v, and readers see %v", at, items(t, lake))
				}
				o.Checks.Accept, o.Checks.By, o.Checks.Since, o.Only = "it is right", "jane", last, r.Run.ID
				r, err = Run(t.Context(), o, &s)
			}
			if err != nil || r.Run.State != ledger.Promoted {
				t.Fatalf("%s: %v", r.Run.State, err)
			}
			since(t, lake, o.Source, tc.since)
			if got := items(t, lake); !slices.Equal(got, []string{"c1|1|2.0000"}) {
				t.Errorf("readers see %v", got)
			}
			// A ledger that is lost and made again asks the same.
			if err := os.Remove(filepath.Join(lake, ledger.FileName)); err != nil {
				t.Fatal(err)
			}
			if _, err := RebuildLedger(t.Context(), lake); err != nil {
				t.Fatal(err)
			}
			if !tc.c.at.IsZero() {
				since(t, lake, o.Source, tc.since)
			}
		})
	}
}

func before(t time.Time) func(time.Time) bool { return t.After }

func since(t *testing.T, lake, source string, right func(time.Time) bool) {
	t.Helper()
	if at, err := Watermark(t.Context(), lake, source); err != nil || !right(at) {
		t.Errorf("the next sync asks since %v, %v", at, err)
	}
}

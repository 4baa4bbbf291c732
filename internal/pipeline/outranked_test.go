package pipeline

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/ledger"
)

// What a full sync has counts, in both stores, whatever was loaded before; and in any sync
// what a clock that was ahead has left does not hide what comes later.
func TestWhatTheServerHasNowCounts(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	line := func(updated time.Time, net string) string {
		return claimLine("c1", updated.Format(time.RFC3339), net) + "\n"
	}
	for name, tc := range map[string]struct {
		before, after time.Time // lastUpdated
		full          bool
		want          string
	}{
		"a later copy":                                 {day(-4), day(-1), false, "2.0000"},
		"an earlier copy, in a sync of changes":        {day(-4), day(-5), false, "1.0000"},
		"a copy from before a restored backup, full":   {day(-4), day(-5), true, "2.0000"},
		"after a clock that was ahead":                 {day(1000), day(-1), false, "2.0000"},
		"after a clock that was ahead, full":           {day(1000), day(-5), true, "2.0000"},
		"a copy that does not say when it was changed": {day(-4), time.Time{}, true, "2.0000"},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			w := warehouse(t, lake)
			o := options(t, lake, w)
			o.Kind, o.Resume, o.Request, o.Full = "sync", true, "all", true
			if _, err := Run(t.Context(), o, &clocked{server: server{content: line(tc.before, "1")}, at: day(-3)}); err != nil {
				t.Fatal(err)
			}
			o.Full, o.Request = tc.full, "more"
			if _, err := Run(t.Context(), o, &clocked{server: server{content: line(tc.after, "2")}, at: now}); err != nil {
				t.Fatal(err)
			}
			want := []string{"c1|1|" + tc.want}
			if got := items(t, lake); !slices.Equal(got, want) {
				t.Errorf("the lake has %v, want %v", got, want)
			}
			if got := w.stored(t); len(got) != 1 {
				t.Errorf("ClickHouse has %v", got)
			}
			// What changes after a repair is not hidden by it.
			o.Full, o.Request = false, "still more"
			if _, err := Run(t.Context(), o, &clocked{server: server{content: line(now.Add(time.Second), "3")}, at: now.Add(2 * time.Second)}); err != nil {
				t.Fatal(err)
			}
			if got := items(t, lake); !slices.Equal(got, []string{"c1|1|3.0000"}) {
				t.Errorf("after a change the lake has %v", got)
			}
		})
	}
}

// A sync that dies while it loads once more what counts goes on, and ends it.
func TestRepairThatIsInterrupted(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	lake := t.TempDir()
	o := options(t, lake, nil)
	o.Kind, o.Resume, o.Request, o.Full, o.Workers = "sync", true, "all", true, 1
	sync := func(at time.Time, updated time.Time, net string) (Report, error) {
		return Run(t.Context(), o, &clocked{server: server{content: claimLine("c1", updated.Format(time.RFC3339), net) + "\n"}, at: at})
	}
	_, err := sync(now.AddDate(0, 0, -3), now.AddDate(0, 0, -4), "1")
	must(t, err)
	checkpoints := 0
	o.Request, o.before = "more", func(step string) error {
		if step == "checkpoint" {
			checkpoints++
		}
		if checkpoints == 2 { // that of the worker is the first
			return errDead
		}
		return nil
	}
	if _, err := sync(now, now.AddDate(0, 0, -5), "2"); !errors.Is(err, errDead) {
		t.Fatalf("the sync did not die: %v", err)
	}
	o.before = nil
	r, err := sync(now, now.AddDate(0, 0, -5), "2")
	must(t, err)
	if slices.ContainsFunc(r.Findings, func(f ledger.Finding) bool { return f.Check == outrankedCheck }) {
		t.Errorf("it is said that something stays hidden: %v", r.Findings)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"c1|1|2.0000"}) {
		t.Errorf("the lake has %v", got)
	}
}

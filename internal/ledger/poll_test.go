package ledger

import (
	"errors"
	"testing"
	"time"
)

// Only exports of promoted runs of the source count, and only the last ones.
func TestLongestExport(t *testing.T) {
	ctx, l := t.Context(), open(t, t.TempDir())
	export := func(source string, took time.Duration, promoted bool) {
		r, err := l.Begin(ctx, Run{Source: source, Kind: "sync", Mapping: "m"})
		if err == nil {
			err = l.SetExport(ctx, r.ID, "https://h/status/1", Pace{r.Started.Add(took), time.Minute})
		}
		if promoted {
			r.TransactionTime = r.Started
			err = errors.Join(err, l.Promote(ctx, r))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(hours int) {
		t.Helper()
		if got, err := l.LongestExport(ctx, "payer"); err != nil || got.Round(time.Minute) != time.Duration(hours)*time.Hour {
			t.Errorf("%s, %v; want %d h", got, err, hours)
		}
	}
	want(0)
	export("payer", 9*time.Hour, true)
	export("payer", 4*time.Hour, true)
	export("payer", 50*time.Hour, false)
	export("other", 70*time.Hour, true)
	want(9)
	for range exportsOfLate {
		export("payer", 2*time.Hour, true)
	}
	want(2)
}

package ledger

import (
	"strconv"
	"testing"
	"time"
)

// The watermark of a source moves with each of its syncs, and with nothing else.
func TestWatermarkMovesWithEachSync(t *testing.T) {
	l, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing is kept
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, step := range []struct {
		source, kind string
		at           time.Time
		want         time.Time // of payer
	}{
		{"payer", "flatten", day(1), time.Time{}},
		{"payer", "sync", day(2), day(2)},
		{"payer", "sync", day(3), day(3)},
		{"other", "sync", day(9), day(3)},
		{"payer", "flatten", day(8), day(3)},
		{"payer", "sync", day(4), day(4)},
	} {
		r, err := l.Begin(t.Context(), Run{Source: step.source, Kind: step.kind, Mapping: "m"})
		if err != nil {
			t.Fatal(err)
		}
		r.TransactionTime = step.at
		if err := l.SetTransactionTime(t.Context(), r.ID, step.at); err != nil {
			t.Fatal(err)
		}
		if err := l.Promote(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Watermark(t.Context(), "payer"); err != nil || !got.Equal(step.want) {
			t.Errorf("after a %s of %s at %s: %s, %v; want %s", step.kind, step.source, step.at, got, err, step.want)
		}
	}
}

// A number is that of a run, also where ids begin with it.
func TestRunByItsNumber(t *testing.T) {
	l, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing is kept
	var ids []string
	for range 60 {
		r, err := l.Begin(t.Context(), Run{Source: "payer", Kind: "sync", Mapping: "m"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	for i, id := range ids {
		for _, by := range []string{strconv.Itoa(i + 1), id} {
			if r, err := l.Run(t.Context(), by); err != nil || r.ID != id {
				t.Errorf("%s is run %d, %v; want %d", by, r.Number, err, i+1)
			}
		}
	}
}

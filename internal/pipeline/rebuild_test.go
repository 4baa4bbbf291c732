package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/ledger"
)

// loseLedger removes a lake's ledger.
func loseLedger(t *testing.T, lake string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(lake, ledger.FileName+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// A lake whose ledger is lost is left alone, and goes on as if nothing had been once the
// ledger is made again.
func TestRebuildLedger(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	o := options(t, lake, w)
	load := func(o Options, want error, lines ...string) Report {
		t.Helper()
		r, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"), lines...))
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
		return r
	}
	load(o, nil, claimLine("1", "2024-01-01T00:00:00Z", "1"), claimLine("2", "2024-01-01T00:00:00Z", "1"))
	load(o, nil, claimLine("1", "2024-01-02T00:00:00Z", "2", "3"))
	want := items(t, lake)

	if _, err := RebuildLedger(t.Context(), lake); !errors.Is(err, ErrRebuild) {
		t.Errorf("over a ledger that is there: %v", err)
	}
	loseLedger(t, lake)
	load(o, ErrNoLedger, claimLine("4", "2024-01-01T00:00:00Z", "9"))
	record := recordPath(lake, 1)
	if err := os.Rename(record, record+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := RebuildLedger(t.Context(), lake); !errors.Is(err, ErrRebuild) {
		t.Errorf("without a record: %v", err)
	}
	if err := os.Rename(record+".away", record); err != nil {
		t.Fatal(err)
	}
	log := write(t, filepath.Join(lake, ledger.FileName+"-wal"), "what is left of the old one")
	if _, err := RebuildLedger(t.Context(), lake); !errors.Is(err, ErrRebuild) {
		t.Errorf("next to an old log: %v", err)
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	if n, err := RebuildLedger(t.Context(), lake); n != 2 || err != nil {
		t.Fatalf("%d runs, %v", n, err)
	}
	if got := items(t, lake); !slices.Equal(got, want) || !slices.Equal(w.stored(t), want) {
		t.Errorf("rows %v and %v, want %v", got, w.stored(t), want)
	}
	r := load(o, nil, claimLine("1", "2024-01-02T00:00:00Z", "2", "3"), claimLine("3", "2024-01-03T00:00:00Z", "5"))
	if c := r.Counts; r.Run.Number != 3 || c.Unchanged != 1 || c.Landed != 1 {
		t.Errorf("run %d: %+v", r.Run.Number, c)
	}
	want = append(want, "3|1|5.0000")
	if got := items(t, lake); !slices.Equal(got, want) || !slices.Equal(w.stored(t), want) {
		t.Errorf("rows %v and %v", got, w.stored(t))
	}
}

// The record of a run that died right after its promote, and of one whose files are
// removed later, is that of the ledger.
func TestRecordsFollowTheLedger(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	o := options(t, lake, nil)
	died := errors.New("died")
	o.before = func(step string) error {
		if step == "finish" {
			return died
		}
		return nil
	}
	day := func(n time.Month) string {
		return write(t, filepath.Join(dir, "in.ndjson"), claimLine("1", time.Date(2024, n, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339), "1"))
	}
	if _, err := flatten(t, o, day(1)); !errors.Is(err, died) {
		t.Fatal(err)
	}
	if _, err := os.Stat(recordPath(lake, 1)); err == nil {
		t.Fatal("the record is there already")
	}
	o.before, o.KeepParts = nil, time.Nanosecond
	for n := range time.Month(6) {
		if _, err := flatten(t, o, day(n+2)); err != nil {
			t.Fatal(err)
		}
	}
	before := partsOf(t, lake)
	loseLedger(t, lake)
	if _, err := RebuildLedger(t.Context(), lake); err != nil {
		t.Fatal(err)
	}
	if after := partsOf(t, lake); !slices.Equal(before, after) {
		t.Errorf("parts %v, want %v", after, before)
	}
}

func partsOf(t *testing.T, lake string) (paths []string) {
	t.Helper()
	err := readLedger(context.Background(), lake, func(l *ledger.Ledger) error {
		parts, err := l.LiveParts(context.Background())
		for _, p := range parts {
			paths = append(paths, p.Path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths
}

package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, dir string) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestCheckpointCountsFilesOnce(t *testing.T) {
	ctx, l := t.Context(), open(t, t.TempDir())
	run, err := l.Begin(ctx, Run{Source: "payer", Kind: "flatten", Mapping: "m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AddFiles(ctx, run.ID, []File{{ID: "f1", Name: "a.ndjson", Announced: -1}}); err != nil {
		t.Fatal(err)
	}
	page := func(first int64) Page {
		return Page{File: "f1", First: first, Lines: 3, Counts: Counts{Bytes: 30, Lines: 3, Landed: 1, Unchanged: 1, Rejected: 1}}
	}
	first := Checkpoint{
		Pages:   []Page{page(1)},
		Parts:   []Part{{Table: "claim", Path: "runs/x/claim/part-1.parquet", Rows: 1, Bytes: 9, SHA256: "00"}},
		Rejects: []Reject{{File: "f1", Line: 2, Offset: 10, Bytes: 5, Reason: "not JSON"}},
		Values:  []ValueReject{{Table: "claim", Column: "created", Reason: "not a date", Count: 2}},
	}
	second := Checkpoint{Pages: []Page{page(4)}, Values: first.Values}
	for _, c := range []Checkpoint{first, second} {
		if err := l.Commit(ctx, run.ID, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Commit(ctx, run.ID, second); err == nil {
		t.Fatal("the same page was committed twice")
	}
	files, err := l.Files(ctx, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []File{{ID: "f1", Name: "a.ndjson", State: Pending, Announced: -1, Counts: Counts{Bytes: 60, Lines: 6, Landed: 2, Unchanged: 2, Rejected: 2}}}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
	values, err := l.Values(ctx, run.ID)
	if err != nil || len(values) != 1 || values[0].Count != 4 {
		t.Errorf("values %v, %v; want one with count 4", values, err)
	}
	rejects, err := l.Rejects(ctx, run.ID, 10)
	if diff := cmp.Diff(first.Rejects, rejects); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestRunStates(t *testing.T) {
	ctx, l := t.Context(), open(t, t.TempDir())
	begin := func() Run {
		r, err := l.Begin(ctx, Run{Source: "payer", Kind: "sync", Warehouse: true, Mapping: "m"})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	dead, good := begin(), begin()
	if dead.Number >= good.Number {
		t.Errorf("numbers do not rise: %d, %d", dead.Number, good.Number)
	}
	good.TransactionTime = time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC)
	if err := errors.Join(l.SetTransactionTime(ctx, good.ID, good.TransactionTime), l.SetExport(ctx, good.ID, "https://h/status/1", Pace{good.TransactionTime, time.Minute}), l.Promote(ctx, good)); err != nil {
		t.Fatal(err)
	}
	unfinished, err := l.Unfinished(ctx)
	if err != nil || len(unfinished) != 1 || unfinished[0].ID != dead.ID {
		t.Fatalf("unfinished: %v, %v; want the dead run", unfinished, err)
	}
	if err := l.Fail(ctx, dead.ID, "died"); err != nil {
		t.Fatal(err)
	}
	got, err := l.Run(ctx, good.ID)
	if err != nil || got.State != Promoted || !got.TransactionTime.Equal(good.TransactionTime) || got.StatusURL != "https://h/status/1" || got.Pace.Every != time.Minute || !got.Pace.Next.Equal(good.TransactionTime) || got.Finished.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := l.Run(ctx, "nothing"); !errors.Is(err, ErrNoRun) {
		t.Errorf("error %v, want ErrNoRun", err)
	}
}

func TestOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	lock, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(dir); !errors.Is(err, ErrLocked) {
		t.Fatalf("second lock: %v, want ErrLocked", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Release()
}

// A folder may have any name, also one with what means something in a URI.
func TestLedgerIsInItsFolder(t *testing.T) {
	for _, name := range []string{"a lake", "lake#1", "lake?", "100%", "%23", "a:b", "é", "&x=1"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		l, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := l.Begin(t.Context(), Run{Source: "s", Kind: "sync"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if st, err := os.Stat(filepath.Join(dir, FileName)); err != nil || st.Size() == 0 {
			t.Errorf("%s: the ledger is not there: %v", name, err)
		}
	}
}

package ledger

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// version1 makes a ledger of the time before its schema had a version, of which
// testdata has a dump.
func version1(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	dump, err := os.ReadFile(filepath.Join("testdata", "version1", "ledger.sql"))
	must(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName)+"?_pragma=journal_mode(WAL)")
	must(t, err)
	_, err = db.ExecContext(t.Context(), string(dump))
	must(t, errors.Join(err, db.Close()))
	return dir
}

// What an earlier claimlake knew of its runs is known after the migration.
func TestLedgerOfAnEarlierVersion(t *testing.T) {
	ctx, l := t.Context(), open(t, version1(t))
	at := time.Date(2026, 3, 1, 2, 3, 4, 567000, time.UTC)
	first := "ecd3bb00-5d7c-4df4-8b9e-15833151a9ff"
	runs, err := l.Runs(ctx)
	must(t, err)
	want := []Run{
		{Number: 5, Source: "payer", Kind: "sync", State: Running, Held: true, Warehouse: true, Mapping: "m1", Request: "q1", TransactionTime: at.Add(2 * time.Hour), StatusURL: "https://fhir.example.org/status/3", Pace: Pace{at, time.Minute}},
		{Number: 4, Source: "payer", Kind: "sync", State: Failed, Mapping: "m1", Request: "q1", StatusURL: "https://fhir.example.org/status/2", Pace: Pace{at, time.Minute}, Error: "the server failed"},
		{Number: 3, Source: "payer", Kind: Replay, State: Promoted, Of: first, Mapping: "m2", Request: "q3"},
		{Number: 2, Source: "published", Kind: "sync", State: Promoted, Subset: true, Mapping: "m1", Request: "q2", TransactionTime: at.Add(time.Minute)},
		{Number: 1, Source: "payer", Kind: "sync", State: Promoted, Full: true, Warehouse: true, Mapping: "m1", Request: "q1", TransactionTime: at, StatusURL: "https://fhir.example.org/status/1?job=7", Pace: Pace{at.Add(time.Hour), 30 * time.Second}},
	}
	if diff := cmp.Diff(want, runs, cmpopts.IgnoreFields(Run{}, "ID", "Started", "Finished")); diff != "" {
		t.Error(diff)
	}
	owed, err := l.Owed(ctx, "payer")
	must(t, err)
	if len(owed) != 2 || owed[0].Number != 1 || owed[1].Number != 4 {
		t.Errorf("owed: %+v", owed)
	}
	notRead, err := l.NotRead(ctx, first)
	must(t, err)
	if diff := cmp.Diff(NotRead{Unreadable: []string{"Coverage"}, LeftOut: []string{"Location", "Organization"}}, notRead); diff != "" {
		t.Error(diff)
	}
	accepted, err := l.Accepted(ctx, first)
	must(t, err)
	if accepted.By != "ana" || accepted.Reason != "the payer confirmed it" || accepted.At.IsZero() {
		t.Errorf("accepted: %+v", accepted)
	}
	published, err := l.LastPublished(ctx, "published")
	must(t, err)
	if diff := cmp.Diff(Published{URL: "https://fhir.example.org/page/2", ETag: `"x"`, TransactionTime: at}, published); diff != "" {
		t.Error(diff)
	}
	// The run that is held still keeps the watermark that it was told to keep: none.
	held, err := l.Run(ctx, "5")
	must(t, err)
	must(t, l.Promote(ctx, held))
	if since, err := l.Watermark(ctx, "payer"); err != nil || !since.IsZero() {
		t.Errorf("watermark %s, %v", since, err)
	}
}

// Records of runs that earlier versions left in a lake, and one of this version after
// them, make the same ledger as the migration of theirs.
func TestRecordsOfAnEarlierVersion(t *testing.T) {
	ctx, migrated := t.Context(), open(t, version1(t))
	var records [][]byte
	for _, name := range []string{"000001", "000002"} {
		text, err := os.ReadFile(filepath.Join("testdata", "version1", name+".json"))
		must(t, err)
		records = append(records, text)
	}
	replay, err := migrated.Run(ctx, "3")
	must(t, err)
	records = append(records, recordOf(t, migrated, replay.ID)) // of today, and it refers to one of before
	l := open(t, t.TempDir())
	must(t, l.Restore(ctx, records))
	for _, number := range []string{"1", "2", "3"} {
		r, err := migrated.Run(ctx, number)
		must(t, err)
		if diff := cmp.Diff(decoded(t, recordOf(t, migrated, r.ID)), decoded(t, recordOf(t, l, r.ID))); diff != "" {
			t.Error(diff)
		}
	}
	for _, source := range []string{"payer", "published"} {
		was, err := migrated.Watermark(ctx, source)
		must(t, err)
		if is, err := l.Watermark(ctx, source); err != nil || !is.Equal(was) {
			t.Errorf("watermark of %s: %s, %v; want %s", source, is, err, was)
		}
	}
}

// A ledger or a record of a later version is refused, not misread.
func TestLaterVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Restore(t.Context(), [][]byte{[]byte(`{"ledger":[{"version":99}],"run":[{"number":1}]}`)}); !errors.Is(err, ErrNewer) {
		t.Errorf("record: %v", err)
	}
	_, err := l.db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	must(t, errors.Join(err, l.Close()))
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Errorf("ledger: %v", err)
	}
}

// Processes that open an old ledger at the same moment migrate it once.
func TestMigrateAtOnce(t *testing.T) {
	dir := version1(t)
	errs := make(chan error)
	for range 8 {
		go func() {
			l, err := Open(t.Context(), dir)
			if err == nil {
				err = l.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

package ledger

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A ledger made from the records of its runs says what the old one said of them.
func TestRestore(t *testing.T) {
	ctx, old := t.Context(), open(t, t.TempDir())
	var records [][]byte
	var runs []Run
	for i := range 3 {
		r, err := old.Begin(ctx, Run{Source: "payer", Kind: "sync", Full: i == 0, Warehouse: true, Mapping: "m", Request: "q"})
		must(t, err)
		if i == 1 { // a run that failed has no record, and keeps its number
			must(t, old.Fail(ctx, r.ID, "died"))
			continue
		}
		r.TransactionTime = time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
		f := File{ID: "0001", Name: "x.ndjson", ResourceType: "Claim", Announced: 5}
		must(t, errors.Join(
			old.SetExport(ctx, r.ID, "https://h/status?secret", Pace{r.TransactionTime, time.Minute}), old.SetTransactionTime(ctx, r.ID, r.TransactionTime), old.AddFiles(ctx, r.ID, []File{f}),
			old.Commit(ctx, r.ID, Checkpoint{
				Pages:   []Page{{File: "0001", First: 1, Lines: 5, Hash: math.MaxUint64 - 7, Counts: Counts{Bytes: 100, Lines: 5, Landed: 4, Rejected: 1}}},
				Parts:   []Part{{Table: "claim", Path: "runs/" + r.ID + "/claim/part.parquet", Rows: 4, Bytes: 9, SHA256: "ab"}},
				Rejects: []Reject{{File: "0001", Line: 3, Offset: 40, Bytes: 20, Reason: "not JSON"}},
			}),
			old.SetFindings(ctx, r.ID, []Finding{{Check: "announced", Subject: "0001", Grade: "info", Found: 5, Expected: 5.5}}),
			old.Promote(ctx, r)))
		text, err := old.Record(ctx, r.ID)
		must(t, err)
		records = append(records, text)
		runs = append(runs, r)
	}
	l := open(t, t.TempDir())
	must(t, l.Restore(ctx, records))
	for _, r := range runs {
		was, err := old.Run(ctx, r.ID)
		must(t, err)
		is, err := l.Run(ctx, r.ID)
		must(t, err)
		was.StatusURL, was.Pace = "", Pace{} // the export is over
		if diff := cmp.Diff(was, is); diff != "" {
			t.Error(diff)
		}
		again, err := l.Record(ctx, r.ID)
		must(t, err)
		if diff := cmp.Diff(decoded(t, recordOf(t, old, r.ID)), decoded(t, again)); diff != "" {
			t.Error(diff)
		}
	}
	at, err := l.Watermark(ctx, "payer")
	if err != nil || !at.Equal(runs[1].TransactionTime) {
		t.Errorf("watermark %s, %v", at, err)
	}
	next, err := l.Begin(ctx, Run{Source: "payer", Kind: "sync", Mapping: "m"})
	if err != nil || next.Number != 4 {
		t.Errorf("the next run has number %d, %v", next.Number, err)
	}
}

func TestRestoreRefusesWhatIsNoRecord(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON": "{", "no run": "{}", "two runs": `{"run":[{"number":1},{"number":2}]}`, "an unknown column": `{"run":[{"number":1,"x; --":1}]}`,
		"a row without its run": `{"run":[{"number":1,"id":"a","source":"s","kind":"sync","state":"promoted","started":"","warehouse":0,"mapping":""}],"whole":[{"run":"b"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, t.TempDir())
			if err := l.Restore(t.Context(), [][]byte{[]byte(text)}); !errors.Is(err, ErrRecord) {
				t.Errorf("error %v", err)
			}
			if runs, err := l.Runs(t.Context()); err != nil || len(runs) != 0 {
				t.Errorf("%d runs, %v", len(runs), err)
			}
		})
	}
}

func recordOf(t *testing.T, l *Ledger, id string) []byte {
	t.Helper()
	text, err := l.Record(t.Context(), id)
	must(t, err)
	return text
}

func decoded(t *testing.T, text []byte) (v any) {
	t.Helper()
	must(t, json.Unmarshal(text, &v))
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

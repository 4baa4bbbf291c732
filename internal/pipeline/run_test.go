package pipeline

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

const (
	monday  = "2026-01-05T00:00:00Z"
	tuesday = "2026-01-06T00:00:00Z"
)

func TestSecondRunOfTheSameFilesChangesNothing(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	w := warehouse(t, lake)
	file := write(t, filepath.Join(in, "a.ndjson"), claimLine("1", monday, "1.10", "0.0"), claimLine("2", monday, "12345678901234.5678"))
	want := []string{"1|1|1.1000", "1|2|0.0000", "2|1|12345678901234.5678"}
	for attempt, counts := range []ledger.Counts{{Lines: 2, Landed: 2}, {Lines: 2, Unchanged: 2}} {
		r, err := flatten(t, options(t, lake, w), file)
		counts.Bytes = r.Counts.Bytes
		if diff := cmp.Diff(counts, r.Counts); err != nil || diff != "" {
			t.Errorf("attempt %d: %v %s", attempt, err, diff)
		}
		if got := items(t, lake); !slices.Equal(got, want) {
			t.Errorf("attempt %d: Parquet %v", attempt, got)
		}
		if got := w.stored(t); !slices.Equal(got, want) {
			t.Errorf("attempt %d: ClickHouse %v", attempt, got)
		}
	}
}

func TestResentClaimReplacesAllItsLines(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	w := warehouse(t, lake)
	old := write(t, filepath.Join(in, "old.ndjson"), claimLine("1", monday, "1", "2", "3"), claimLine("2", monday, "9"))
	fresh := write(t, filepath.Join(in, "new.ndjson"), claimLine("1", tuesday, "4"))
	want := []string{"1|1|4.0000", "2|1|9.0000"}
	for _, file := range []string{old, fresh, old} { // the older copy comes late once more
		if _, err := flatten(t, options(t, lake, w), file); err != nil {
			t.Fatal(err)
		}
	}
	if got := items(t, lake); !slices.Equal(got, want) {
		t.Errorf("Parquet %v", got)
	}
	if got := w.stored(t); !slices.Equal(got, want) {
		t.Errorf("ClickHouse %v", got)
	}
}

// A lake that was loaded without a warehouse is no reason to leave lines out of it.
func TestWarehouseThatCameLaterGetsEverything(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	file := write(t, filepath.Join(in, "a.ndjson"), claimLine("1", monday, "1"))
	if _, err := flatten(t, options(t, lake, nil), file); err != nil {
		t.Fatal(err)
	}
	w := warehouse(t, lake)
	if _, err := flatten(t, options(t, lake, w), file); err != nil {
		t.Fatal(err)
	}
	if got := w.stored(t); !slices.Equal(got, []string{"1|1|1.0000"}) {
		t.Errorf("ClickHouse %v", got)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000"}) {
		t.Errorf("Parquet %v", got)
	}
}

func TestBadLinesAreKeptAndCounted(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	file := write(t, filepath.Join(in, "a.ndjson"), claimLine("1", monday, "1"), `{"resourceType":"Claim","id":"2"`, "", claimLine("3", monday, `"x"`), `[]`)
	r, err := flatten(t, options(t, lake, nil), file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts.Lines != 4 || r.Counts.Landed != 2 || r.Counts.Rejected != 2 {
		t.Errorf("counts %+v", r.Counts)
	}
	if len(r.Values) != 1 || r.Values[0].Column != "net" || r.Values[0].Count != 1 {
		t.Errorf("values %+v", r.Values)
	}
	kept, err := os.ReadFile(filepath.Join(lake, "quarantine", r.Run.ID, "0001", "1.ndjson"))
	if err != nil || string(kept) != "{\"resourceType\":\"Claim\",\"id\":\"2\"\n[]\n" {
		t.Errorf("kept %q, %v", kept, err)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000", "3|1|NULL"}) {
		t.Errorf("rows %v", got)
	}
}

func TestRunThatFailsLeavesNothingVisible(t *testing.T) {
	lake, in := t.TempDir(), t.TempDir()
	good := write(t, filepath.Join(in, "good.ndjson"), claimLine("1", monday, "1"))
	page := write(t, filepath.Join(in, "page.ndjson"), "<html>", "</html>")
	if _, err := flatten(t, options(t, lake, nil), page); !errors.Is(err, extract.ErrNotNDJSON) || !strings.Contains(err.Error(), "not one of 2 lines could be used") {
		t.Errorf("error %v", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(lake, "runs", "*")); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
	if _, err := flatten(t, options(t, lake, nil), good); err != nil {
		t.Fatal(err)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000"}) {
		t.Errorf("rows %v", got)
	}
}

// server is a Source that fails where a test wants it to.
type server struct {
	content  string
	signed   string // end of its file's path
	failAt   int    // page at which its file breaks; 0: none
	prepared []string
	finished int
}

func (s *server) Prepare(_ context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	s.prepared = append(s.prepared, earlier.StatusURL)
	return Batch{
		TransactionTime: time.Date(2026, 1, 7, 0, 0, 0, 0, time.UTC),
		Files:           []File{{ID: "0001", Name: "https://fhir.example.org/files/1" + s.signed, ResourceType: "Claim", Announced: -1, Bytes: -1}},
	}, note(extract.Job{StatusURL: "https://fhir.example.org/status/1"})
}

var errCut = errors.New("the connection was cut")

func (s *server) Pages(_ context.Context, _ File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		n := 0
		for p, err := range extract.NewPageReader(strings.NewReader(s.content), extract.Start, b).Pages() {
			if n++; n == s.failAt {
				yield(lineage.Page{}, errCut)
				return
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

func (s *server) SHA256(string) string { return "" }

func (s *server) Finish(context.Context, extract.Job) error { s.finished++; return nil }

func TestInterruptedSyncGoesOnWhereItWas(t *testing.T) {
	lake := t.TempDir()
	var content strings.Builder
	const claims = 3*lineage.MaxPageLines + 7
	for i := range claims {
		content.WriteString(claimLine(string(rune('a'+i%26))+strings.Repeat("x", i/26%50)+string(rune('a'+i/1300)), monday, "1") + "\n")
	}
	s := &server{content: content.String(), failAt: 3}
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	if _, err := Run(t.Context(), o, s); !errors.Is(err, ErrIncomplete) || !errors.Is(err, errCut) {
		t.Fatalf("first attempt: %v", err)
	}
	if got := items(t, lake); len(got) > 0 || s.finished > 0 {
		t.Fatalf("readers see %d rows of an incomplete run", len(got))
	}
	s.failAt = 0
	r, err := Run(t.Context(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	if r.Run.Number != 1 || r.Counts.Lines != claims || len(items(t, lake)) != claims {
		t.Errorf("run %d, %+v, %d rows", r.Run.Number, r.Counts, len(items(t, lake)))
	}
	if diff := cmp.Diff([]string{"", "https://fhir.example.org/status/1"}, s.prepared); diff != "" || s.finished != 1 {
		t.Errorf("%s, finished %d times", diff, s.finished)
	}
}

// A page that was loaded from a damaged answer is not kept because the rest is good.
func TestFileThatIsAnotherNowIsReadAnew(t *testing.T) {
	lake := t.TempDir()
	wrong := strings.Repeat(claimLine("1", monday, "1")+"\n", lineage.MaxPageLines)
	s := &server{content: wrong + wrong, failAt: 2}
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	if _, err := Run(t.Context(), o, s); !errors.Is(err, errCut) {
		t.Fatalf("first attempt: %v", err)
	}
	s.failAt, s.content = 0, strings.ReplaceAll(s.content, `"value":1}`, `"value":2}`)
	if r, err := Run(t.Context(), o, s); err != nil || r.Run.Number != 2 {
		t.Fatalf("second attempt: run %d, %v; want a new one", r.Run.Number, err)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|2.0000"}) {
		t.Errorf("rows %v", got)
	}
}

// What ClickHouse got of a damaged answer, in a process that died before that was
// durable, is not there next to what the file really has.
func TestRowsThatWereNotDurableGo(t *testing.T) {
	lake := t.TempDir()
	w := warehouse(t, lake)
	// Of some claims the damaged copy has the greater hash, and would win.
	var damaged, right strings.Builder
	var want []string
	for i := range 8 {
		id := strconv.Itoa(i)
		damaged.WriteString(claimLine(id, monday, "7", "8") + "\n")
		right.WriteString(claimLine(id, monday, "9") + "\n")
		want = append(want, id+"|1|9.0000")
	}
	s := &server{content: damaged.String()}
	o := options(t, lake, w)
	o.Kind, o.Resume = "sync", true
	o.before = func(step string) error {
		if step == "commit" {
			return errDead
		}
		return nil
	}
	if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	o.before, s.content = nil, right.String()
	if r, err := Run(t.Context(), o, s); err != nil || r.Run.Number != 1 {
		t.Fatalf("run %d, %v", r.Run.Number, err)
	}
	if got, stored := items(t, lake), w.stored(t); !slices.Equal(got, want) || !slices.Equal(stored, want) {
		t.Errorf("the lake has %v, ClickHouse %v", got, stored)
	}
}

// Storage may sign links under another path each time. A file that is done is then
// compared, and goes on to count if it is the same.
func TestFileUnderAnotherPathIsCompared(t *testing.T) {
	for name, tc := range map[string]struct {
		content string
		run     uint32
	}{
		"the same file":    {"1", 1},
		"another in place": {"2", 2},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			s := &server{content: claimLine("1", monday, "1") + "\n"}
			o := options(t, lake, nil)
			o.Kind, o.Resume = "sync", true
			o.before = func(step string) error {
				if step == "begin promote" {
					return errDead
				}
				return nil
			}
			if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			o.before, s.signed, s.content = nil, "?other", claimLine("1", monday, tc.content)+"\n"
			r, err := Run(t.Context(), o, s)
			if err != nil || r.Run.Number != tc.run || r.Counts.Lines != 1 {
				t.Errorf("run %d, %+v, %v", r.Run.Number, r.Counts, err)
			}
			if got := items(t, lake); !slices.Equal(got, []string{"1|1|" + tc.content + ".0000"}) {
				t.Errorf("rows %v", got)
			}
		})
	}
}

// What was read whole and does not do is not kept: no later sync could end it.
func TestSyncOfNothingUsableIsNotGoneOnWith(t *testing.T) {
	lake := t.TempDir()
	s := &server{content: "<html>\n</html>\n"}
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	if _, err := Run(t.Context(), o, s); !errors.Is(err, extract.ErrNotNDJSON) {
		t.Fatalf("first attempt: %v", err)
	}
	s.content = claimLine("1", monday, "1") + "\n"
	if r, err := Run(t.Context(), o, s); err != nil || r.Run.Number != 2 {
		t.Errorf("second attempt: run %d, %v; want a new one", r.Run.Number, err)
	}
	if diff := cmp.Diff([]string{"", ""}, s.prepared); diff != "" {
		t.Error(diff)
	}
}

func TestOtherRequestDropsTheInterruptedRun(t *testing.T) {
	lake := t.TempDir()
	s := &server{content: claimLine("1", monday, "1") + "\n", failAt: 1}
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	if _, err := Run(t.Context(), o, s); err == nil {
		t.Fatal("a broken file was no error")
	}
	s.failAt, o.Request = 0, "Patient only"
	r, err := Run(t.Context(), o, s)
	if err != nil || r.Run.Number != 2 {
		t.Errorf("run %d, %v; want a new one", r.Run.Number, err)
	}
	if diff := cmp.Diff([]string{"", ""}, s.prepared); diff != "" {
		t.Error(diff)
	}
}

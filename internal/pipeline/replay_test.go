package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/quarantine"
	"github.com/claimlake/claimlake/transform"
)

// strictPlan refuses lines that plan takes: every byte must be JSON.
func strictPlan(t testing.TB) *transform.Plan {
	t.Helper()
	m, err := transform.ParseMapping("claim.yaml", []byte(mapping+"strict: true\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := transform.Compile([]*transform.Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// withControl is a claim with a control character where the mapping takes nothing.
func withControl(id string, nets ...string) string {
	return strings.Replace(claimLine(id, "2024-01-01T00:00:00Z", nets...), `"total"`, "\"note\":\"a\x01b\",\"total\"", 1)
}

// replay replays run 1.
func replay(t testing.TB, o Options) (*Replay, Report) {
	t.Helper()
	r, err := OpenReplay(context.Background(), o.Lake, "1", o.Keys)
	if err != nil {
		t.Fatal(err)
	}
	o.Source, o.Kind = r.Of.Source, ledger.Replay
	rep, err := Run(context.Background(), o, r)
	if err != nil {
		t.Fatal(err)
	}
	return r, rep
}

func inQuarantine(t testing.TB, lake string) []ledger.Quarantined {
	t.Helper()
	l, err := ledger.Open(context.Background(), lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // read only
	all, err := l.Quarantined(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	var list []ledger.Quarantined
	for _, q := range all {
		if q.By == "" {
			list = append(list, q)
		}
	}
	return list
}

func TestReplayLoadsWhatIsGoodNow(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	a := write(t, filepath.Join(dir, "a.ndjson"), claimLine("1", "2024-01-01T00:00:00Z", "1"), withControl("2", "2"), `{"resourceType":"Claim"`, withControl("3", "3", "4"))
	b := write(t, filepath.Join(dir, "b.ndjson"), withControl("4", "5"))
	o := options(t, lake, nil)
	o.Plan = strictPlan(t)
	if rep, err := flatten(t, o, a, b); err != nil || rep.Counts.Rejected != 4 {
		t.Fatalf("%+v, %v", rep.Counts, err)
	}
	// With the mappings as they were nothing is good.
	if _, rep := replay(t, o); rep.Counts.Rejected != 4 || len(inQuarantine(t, lake)) != 4 {
		t.Fatalf("%+v", rep.Counts)
	}
	o = options(t, lake, nil)
	r, err := OpenReplay(context.Background(), lake, "1", nil)
	if err != nil {
		t.Fatal(err)
	}
	usable, reasons, err := r.Try(context.Background(), o.Plan)
	if diff := cmp.Diff(map[string]int{transform.ReasonTruncated: 1}, reasons); usable != 3 || err != nil || diff != "" {
		t.Errorf("%d usable, %v, %s", usable, err, diff)
	}
	if _, rep := replay(t, o); rep.Counts.Landed != 3 || rep.Counts.Rejected != 1 {
		t.Errorf("%+v", rep.Counts)
	}
	want := []string{"1|1|1.0000", "2|1|2.0000", "3|1|3.0000", "3|2|4.0000", "4|1|5.0000"}
	if diff := cmp.Diff(want, items(t, lake)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2|local|0001|2", "3|local|0001|4", "4|local|0002|1"}, origins(t, lake)); diff != "" {
		t.Error(diff)
	}
	left := inQuarantine(t, lake)
	if len(left) != 1 || left[0].Line != 3 || left[0].Reason != transform.ReasonTruncated {
		t.Fatalf("in quarantine: %+v", left)
	}
	if line, err := quarantine.In(lake, nil).Line(left[0].RunID, left[0].File, left[0].Page, left[0].Index); err != nil || string(line) != `{"resourceType":"Claim"` {
		t.Errorf("%q, %v", line, err)
	}
	// Once more changes nothing.
	if _, rep := replay(t, o); rep.Counts.Landed != 0 || rep.Counts.Rejected != 1 {
		t.Errorf("%+v", rep.Counts)
	}
	if diff := cmp.Diff(want, items(t, lake)); diff != "" || len(inQuarantine(t, lake)) != 1 {
		t.Error(diff)
	}
}

// A replay that was promoted, and then died before it said so in the quarantine, is
// no reason to load a line twice.
func TestReplayAfterACrash(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	in := write(t, filepath.Join(dir, "a.ndjson"), claimLine("1", "2024-01-01T00:00:00Z", "1"), withControl("2", "2"))
	o := options(t, lake, nil)
	o.Plan = strictPlan(t)
	if _, err := flatten(t, o, in); err != nil {
		t.Fatal(err)
	}
	o = options(t, lake, nil)
	r, err := OpenReplay(context.Background(), lake, "1", nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Source, o.Kind = r.Of.Source, ledger.Replay
	if _, err := Run(context.Background(), o, unfinished{r}); err != nil {
		t.Fatal(err)
	}
	if n := len(inQuarantine(t, lake)); n != 1 {
		t.Fatalf("%d lines in quarantine", n)
	}
	_, rep := replay(t, o)
	if rep.Counts.Unchanged != 1 || rep.Counts.Landed != 0 || len(inQuarantine(t, lake)) != 0 {
		t.Errorf("%+v", rep.Counts)
	}
	if diff := cmp.Diff([]string{"1|1|1.0000", "2|1|2.0000"}, items(t, lake)); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(filepath.Join(lake, "quarantine", "*", "*", "*")); len(left) > 0 {
		t.Errorf("bytes are left in %v", left)
	}
}

// unfinished is a replay that dies before Finish.
type unfinished struct{ *Replay }

func (unfinished) Finish(context.Context, extract.Job) error { return nil }

// origins lists the claims that were rejected first as "id|_source|_file_id|_line".
func origins(t testing.TB, lake string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(lake, "current", "claim", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		rows, err := pq.ReadFile[struct {
			ID     string `parquet:"id"`
			Source string `parquet:"_source"`
			File   string `parquet:"_file_id"`
			Line   int64  `parquet:"_line"`
		}](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.ID != "1" {
				out = append(out, fmt.Sprintf("%s|%s|%s|%d", r.ID, r.Source, r.File, r.Line))
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestLedgerNamesValuesThatDidNotFit(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	var lines []string
	for i := range 30 {
		lines = append(lines, claimLine(fmt.Sprint(i), "2024-01-01T00:00:00Z", `"x"`, "0.000001"))
	}
	rep, err := flatten(t, options(t, lake, nil), write(t, filepath.Join(dir, "a.ndjson"), lines...))
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(context.Background(), lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // read only
	examples, err := l.Examples(context.Background(), rep.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range examples {
		counts[e.Table+"."+e.Column+": "+e.Reason]++
	}
	want := map[string]int{"claim_item.net: " + transform.ValueNotNumber: ledger.MaxExamples, "claim_item.net: " + transform.ValueOutOfRange: ledger.MaxExamples}
	if diff := cmp.Diff(want, counts); diff != "" || examples[0].Line != 1 || examples[0].File != "0001" {
		t.Error(diff, examples[0])
	}
}

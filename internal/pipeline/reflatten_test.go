package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// otherPlan takes the net of a line from another element, and has one more table.
func otherPlan(t testing.TB) *transform.Plan {
	t.Helper()
	text := strings.Replace(mapping, "path: net.value", "path: [gross.value, net.value]", 1) + `
  - name: claim_gross
    description: One row per line.
    rows: item
    key: [claim_id, position]
    columns:
      - {name: claim_id, path: $.id, type: id, description: The claim}
      - {name: position, path: "@position", type: integer, description: Place in the claim}
`
	m, err := transform.ParseMapping("claim.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := transform.Compile([]*transform.Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// archivedRuns are the numbers of the runs that the archive has and lacks.
func archivedRuns(t testing.TB, lake string) (have, lack []uint32) {
	t.Helper()
	l, err := ledger.Open(t.Context(), lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // read only
	h, k, err := Archived(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range h {
		have = append(have, r.Number)
	}
	for _, r := range k {
		lack = append(lack, r.Number)
	}
	return have, lack
}

// reflatten loads a run again from the archive.
func reflatten(t testing.TB, o Options, run string) Report {
	t.Helper()
	source, err := OpenReflatten(t.Context(), o.Lake, run, o.Keys)
	if err != nil {
		t.Fatal(err)
	}
	o.Source, o.Kind, o.Of, o.Archive = source.Of.Source, ledger.Reflatten, source.Of.ID, false
	report, err := Run(t.Context(), o, source)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// After the mappings changed, the archive gives the tables that they make, whatever
// came since, and asks no source.
func TestReflattenGivesWhatTheMappingsMakeNow(t *testing.T) {
	dir := t.TempDir()
	gross := strings.Replace(claimLine("1", "2024-01-01T00:00:00Z", "1", "2"), `{"net"`, `{"gross":{"value":9},"net"`, 1)
	first := write(t, filepath.Join(dir, "first.ndjson"), gross, claimLine("2", "2024-01-01T00:00:00Z", "3"), "{bad", claimLine("3", "2024-01-01T00:00:00Z", "4"))
	second := write(t, filepath.Join(dir, "second.ndjson"), claimLine("2", "2024-02-01T00:00:00Z", "5", "6"), claimLine("3", "2023-12-01T00:00:00Z", "7"))

	fresh := options(t, filepath.Join(dir, "fresh"), nil)
	fresh.Plan = otherPlan(t)
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	o := options(t, lake, w)
	o.Archive = true
	for _, in := range []string{first, second} {
		if _, err := flatten(t, fresh, in); err != nil {
			t.Fatal(err)
		}
		if _, err := flatten(t, o, in); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(in); err != nil { // the archive is all there is
			t.Fatal(err)
		}
	}
	o.Plan = otherPlan(t)
	for _, run := range []string{"1", "2"} {
		reflatten(t, o, run)
	}
	want := items(t, fresh.Lake)
	if diff := cmp.Diff(want, items(t, lake)); diff != "" {
		t.Errorf("the lake: %s", diff)
	}
	if diff := cmp.Diff(want, w.stored(t)); diff != "" {
		t.Errorf("ClickHouse: %s", diff)
	}
	if !strings.Contains(strings.Join(want, " "), "1|1|9.0000") {
		t.Errorf("the mappings are not other ones: %v", want)
	}
	if left := inQuarantine(t, lake); len(left) != 1 || left[0].Run != 3 {
		t.Errorf("the bad line is not in quarantine of the run that tried it last: %+v", left)
	}
	if rep := reflatten(t, o, "1"); rep.Counts.Landed != 1 || rep.Counts.Unchanged != 2 { // claim 2 of the first file is not current
		t.Errorf("done again: %+v", rep.Counts)
	}
	if diff := cmp.Diff(want, items(t, lake)); diff != "" {
		t.Errorf("done again: %s", diff)
	}
	if have, lack := archivedRuns(t, lake); !cmp.Equal(have, []uint32{1, 2}) || len(lack) > 0 {
		t.Errorf("the archive has %v and lacks %v", have, lack)
	}
}

// A row leads back to the very line that it came from, also after it was loaded
// again.
func TestTraceGivesTheRawLine(t *testing.T) {
	dir := t.TempDir()
	raw := claimLine("2", "2024-01-01T00:00:00Z", "3", "4")
	in := write(t, filepath.Join(dir, "in.ndjson"), "\ufeff"+claimLine("1", "2024-01-01T00:00:00Z", "1"), "", raw+"\r")
	o := options(t, filepath.Join(dir, "lake"), nil)
	o.Archive = true
	if _, err := flatten(t, o, in); err != nil {
		t.Fatal(err)
	}
	traceTo := func(want string, key ...string) {
		t.Helper()
		lake, err := parquet.Open(o.Lake)
		if err != nil {
			t.Fatal(err)
		}
		origins, err := lake.Trace("claim_item", key)
		if err != nil || len(origins) == 0 {
			t.Fatalf("%v, %v", origins, err)
		}
		l, err := ledger.Open(t.Context(), o.Lake)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() //nolint:errcheck // read only
		for _, origin := range origins {
			got, err := RawLine(t.Context(), l, o.Lake, nil, nil, origin)
			if err != nil || string(got) != want {
				t.Errorf("%v: %q, %v", origin, got, err)
			}
			if _, f, err := FileOf(t.Context(), l, origin.RunID, origin.FileID); err != nil || f.Name != in {
				t.Errorf("%v is of %q, %v", origin, f.Name, err)
			}
		}
	}
	traceTo(raw, "2", "2")
	o.Plan = otherPlan(t)
	reflatten(t, o, "1")
	traceTo(raw, "2")
	traceTo(claimLine("1", "2024-01-01T00:00:00Z", "1"), "1", "1")
}

// The archive has nothing of runs that failed, and no more than it should keep.
func TestArchiveKeepsWhatItShould(t *testing.T) {
	dir := t.TempDir()
	in := write(t, filepath.Join(dir, "in.ndjson"), claimLine("1", "2024-01-01T00:00:00Z", "1"))
	o := options(t, filepath.Join(dir, "lake"), nil)
	o.Archive = true
	stop := errors.New("stop")
	for _, at := range []string{"checkpoint", "commit", "begin promote"} {
		o.before = func(step string) error {
			if step == at {
				return stop
			}
			return nil
		}
		if _, err := flatten(t, o, in); !errors.Is(err, stop) {
			t.Fatalf("%s: %v", at, err)
		}
	}
	o.before = nil
	if _, err := flatten(t, o, in); err != nil {
		t.Fatal(err)
	}
	archived := func() []string {
		files, err := filepath.Glob(filepath.Join(o.Lake, "archive", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	if files := archived(); len(files) != 1 {
		t.Errorf("%v", files)
	}
	o.KeepPages = time.Nanosecond
	if _, err := flatten(t, o, in); err != nil { // what is too old goes when the lake is opened
		t.Fatal(err)
	}
	if files := archived(); len(files) != 1 {
		t.Errorf("%v", files)
	}
	if have, lack := archivedRuns(t, o.Lake); !cmp.Equal(have, []uint32{5}) || !cmp.Equal(lack, []uint32{4}) {
		t.Errorf("the archive has %v and lacks %v", have, lack)
	}
	if _, err := OpenReflatten(context.Background(), o.Lake, "4", nil); !errors.Is(err, ErrNotArchived) {
		t.Error(err)
	}
}

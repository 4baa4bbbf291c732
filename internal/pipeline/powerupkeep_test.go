package pipeline

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/parquet"
)

// crashes gives the lakes that power loss may leave of what was recorded, sooner or later,
// with its marks.
func crashes(t *testing.T, steps []durabletest.Step, check func(t *testing.T, root string, marks []string)) {
	t.Helper()
	for c := range durabletest.Crashes(steps, 0) {
		t.Run(c.Name, func(t *testing.T) {
			root := t.TempDir()
			must(t, c.Write(root))
			check(t, root, c.Marks)
		})
	}
}

// Whenever the power fails while parts go that nobody reads, no record names one that is
// gone, of which a lost ledger would be made again; and the next run goes on.
func TestRetiredPartsSurvivePowerLoss(t *testing.T) {
	root, in := t.TempDir(), t.TempDir()
	lake := filepath.Join(root, "lake")
	s := &powerStory{plan: plan(t)}
	load := func(t *testing.T, lake string, keep time.Duration, lines ...string) {
		t.Helper()
		o := options(t, lake, nil)
		o.Plan, o.Workers, o.KeepParts = s.plan, 1, keep
		if _, err := flatten(t, o, write(t, filepath.Join(in, "in.ndjson"), lines...)); err != nil {
			t.Fatal(err)
		}
	}
	for day := 1; day <= 5; day++ { // more than the snapshots that stay
		load(t, lake, 0, claimLine("1", fmt.Sprintf("2024-01-0%dT00:00:00Z", day), "2"))
	}
	want := items(t, lake)
	before := len(partsOf(t, lake))
	recorder := durabletest.Record(root)
	load(t, lake, time.Nanosecond, "")
	steps := recorder.Stop()
	if after := len(partsOf(t, lake)); after >= before {
		t.Fatalf("%d of %d parts are left", after, before)
	}
	crashes(t, steps, func(t *testing.T, root string, _ []string) {
		lake := filepath.Join(root, "lake")
		s.recordsAreWhole(t, lake)
		s.withLedger(t, lake, func(l *ledger.Ledger, p *parquet.Lake) { s.partsAreWhole(t, l, p) })
		load(t, lake, time.Nanosecond, "")
		s.recordsAreWhole(t, lake)
		if got := items(t, lake); !slices.Equal(got, want) {
			t.Errorf("rows %v", got)
		}
	})
}

// Whenever the power fails while a ledger is made again in place of an older one, either is
// there or none, and never a mixture; it can be made again, and then the lake goes on.
func TestRebuiltLedgerSurvivesPowerLoss(t *testing.T) {
	root, in := t.TempDir(), t.TempDir()
	lake := filepath.Join(root, "lake")
	p := plan(t)
	load := func(t *testing.T, lake, id string) error {
		t.Helper()
		o := options(t, lake, nil)
		o.Plan, o.Workers = p, 1
		_, err := flatten(t, o, write(t, filepath.Join(in, "in.ndjson"), claimLine(id, monday, "1")))
		return err
	}
	must(t, load(t, lake, "1"))
	older, err := os.ReadFile(filepath.Join(lake, ledger.FileName))
	must(t, err)
	must(t, load(t, lake, "2"))
	must(t, os.WriteFile(filepath.Join(lake, ledger.FileName), older, 0o600))
	recorder := durabletest.Record(root)
	if _, err := RebuildLedger(t.Context(), lake); err != nil {
		t.Fatal(err)
	}
	recorder.Mark("rebuilt")
	crashes(t, recorder.Stop(), func(t *testing.T, root string, marks []string) {
		lake := filepath.Join(root, "lake")
		err := load(t, lake, "3")
		if err != nil && (len(marks) > 0 || !errors.Is(err, ErrNoLedger) && !errors.Is(err, ErrOtherLedger)) {
			t.Fatal(err)
		}
		if err != nil {
			if n, err := RebuildLedger(t.Context(), lake); n != 2 || err != nil {
				t.Fatalf("%d runs, %v", n, err)
			}
			must(t, load(t, lake, "3"))
		}
		if got := items(t, lake); len(got) != 3 {
			t.Errorf("rows %v", got)
		}
	})
}

// Whenever the power fails while a server's files are exported into a folder, the export
// can be gone on with; and once the server was told to forget it, all files are there.
func TestExportSurvivesPowerLoss(t *testing.T) {
	e, c := serveExports(t)
	root := t.TempDir()
	c.Lake.Dir = filepath.Join(root, "lake")
	recorder := durabletest.Record(root)
	fhir := e.Handler
	e.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			recorder.Mark("forget")
		}
		fhir.ServeHTTP(w, r)
	})
	if _, err := save(t, c, filepath.Join(root, "files"), "all"); err != nil {
		t.Fatal(err)
	}
	recorder.Mark("saved")
	crashes(t, recorder.Stop(), func(t *testing.T, root string, marks []string) {
		lake, dir := filepath.Join(root, "lake"), filepath.Join(root, "files")
		s, err := openSaved(lake, dir, "all")
		if len(marks) == 0 {
			if err != nil && s.ID != "" && !strings.Contains(err.Error(), "finished export") {
				t.Errorf("cannot go on: %v", err)
			}
			for typ, text := range savedFiles(t, dir) {
				if want := map[string]string{"Claim": twoClaims, "Patient": onePatient}[typ]; text != want {
					t.Errorf("%s has %q", typ, text)
				}
			}
			return
		}
		if err == nil || !strings.Contains(err.Error(), "finished export") {
			t.Errorf("the server has forgotten the export, and it is not finished: %v", err)
		}
		if got := savedFiles(t, dir); got["Claim"] != twoClaims || got["Patient"] != onePatient {
			t.Errorf("the server has forgotten the export, and there is %q", got)
		}
		if left, _ := os.ReadDir(filepath.Join(lake, exportsDir)); slices.Contains(marks, "saved") && len(left) > 0 {
			t.Errorf("the lake still has %v", left)
		}
	})
}

// Whenever the power fails, what a mark says is durable of a file is there, and of the
// version that it names; and a file that has its name is whole.
func TestPartFileSurvivesPowerLoss(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "x.ndjson")
	recorder := durabletest.Record(root)
	content := map[string]string{"1": "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", "2": "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n"}
	version := func(v string) *partFile {
		return &partFile{path: path, id: "x", observer: quiet{}, every: 8, version: func() string { return v }}
	}
	for _, v := range []string{"1", "2"} { // the first is not ended, and then there is another
		p := version(v)
		p.mark()
		w, err := p.open(0)
		must(t, err)
		for line := range strings.Lines(content[v]) {
			_, err := w.Write([]byte(line))
			must(t, err)
		}
		if v == "1" {
			must(t, p.close())
			continue
		}
		must(t, p.end())
	}
	recorder.Mark("ended")
	crashes(t, recorder.Stop(), func(t *testing.T, root string, marks []string) {
		p := version("")
		p.path = filepath.Join(root, "x.ndjson")
		whole, err := os.ReadFile(p.path)
		if err == nil && string(whole) != content["2"] || err != nil && len(marks) > 0 {
			t.Errorf("%q, %v", whole, err)
		}
		if err == nil {
			return // nobody asks for more
		}
		m := p.mark()
		part, err := os.ReadFile(p.part())
		if m == (extract.Mark{}) {
			return
		}
		if want := content[m.Token][:m.Offset]; err != nil || !strings.HasPrefix(string(part), want) {
			t.Errorf("a mark of version %s at byte %d: %q, %v", m.Token, m.Offset, part, err)
		}
	})
}

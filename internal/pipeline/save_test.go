package pipeline

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// exporter is a Bulk Data server that may refuse files, and notes what it is asked.
type exporter struct {
	http.Handler
	mu     sync.Mutex
	refuse string // type whose files are refused
	asked  []string
}

func (e *exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	refused := e.refuse != "" && strings.Contains(r.URL.Path, e.refuse) && strings.HasSuffix(r.URL.Path, ".ndjson")
	e.asked = append(e.asked, r.Method+" "+r.URL.Path)
	e.mu.Unlock()
	if refused {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	e.Handler.ServeHTTP(w, r)
}

// took gives how many requests of a kind there were, and forgets them all.
func (e *exporter) took() (kickoffs, files, deletes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, request := range e.asked {
		switch {
		case strings.HasSuffix(request, "$export"):
			kickoffs++
		case strings.HasPrefix(request, "DELETE"):
			deletes++
		case strings.HasSuffix(request, ".ndjson"):
			files++
		}
	}
	e.asked = nil
	return kickoffs, files, deletes
}

const (
	twoClaims  = `{"resourceType":"Claim","id":"c1","total":1.10}` + "\n" + `{"resourceType":"Claim","id":"c2"}` + "\n"
	onePatient = `{"id":"p1",  "resourceType":"Patient"}` + "\n"
)

func serveExports(t *testing.T) (*exporter, config.Config) {
	t.Helper()
	data := t.TempDir()
	must(t, os.WriteFile(filepath.Join(data, "Claim.ndjson"), []byte(twoClaims), 0o600))
	must(t, os.WriteFile(filepath.Join(data, "Patient.ndjson"), []byte(onePatient), 0o600))
	fhir, err := fhirtest.New(fhirtest.Options{Dir: data})
	must(t, err)
	e := &exporter{Handler: fhir}
	web := httptest.NewServer(e)
	t.Cleanup(func() {
		web.Close()
		must(t, fhir.Close())
	})
	c := config.Default()
	c.Source.Name, c.Source.URL = "payer", web.URL
	c.Lake.Dir = filepath.Join(t.TempDir(), "lake")
	return e, c
}

func save(t *testing.T, c config.Config, dir, request string) (int, error) {
	t.Helper()
	return saveBy(t, c, dir, request, 2)
}

// saveBy saves so many files at once.
func saveBy(t *testing.T, c config.Config, dir, request string, downloads int) (int, error) {
	t.Helper()
	s, err := NewServer(c, extract.Export{Level: extract.System}, Agent{Observer: quiet{}, Log: slog.New(slog.DiscardHandler), UserAgent: "claimlake"})
	must(t, err)
	return s.Save(t.Context(), dir, request, downloads)
}

// saved gives the content of a folder's NDJSON files by type.
func savedFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	must(t, err)
	got := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", path, st.Mode(), err)
		}
		got[strings.Split(filepath.Base(path), ".")[1]] += string(text)
	}
	return got
}

// Files that have less than was announced are kept, and the export is no success.
func TestSaveOfLessThanWasAnnounced(t *testing.T) {
	for name, tc := range map[string]struct {
		fault fhirtest.Fault
		want  string // of the error
	}{
		"counts are too high": {fhirtest.Fault{Kind: fhirtest.Manifest, Counts: 1}, "output-000001: the manifest announced 3 resources, the file has 2 lines"},
		"counts are too low":  {fhirtest.Fault{Kind: fhirtest.Manifest, Counts: -1}, ""},
		"there are no counts": {fhirtest.Fault{Kind: fhirtest.Manifest, NoCounts: true}, ""},
		"errors of a type":    {fhirtest.Fault{Kind: fhirtest.Kickoff, Errors: []string{"no access to Coverage"}}, "the server could not export all: an error (processing), of probably Coverage"},
	} {
		t.Run(name, func(t *testing.T) {
			e, c := serveExports(t)
			e.Handler.(*fhirtest.Server).SetFaults(tc.fault)
			dir := t.TempDir()
			n, err := save(t, c, dir, "all")
			files := 2
			if tc.fault.Errors != nil {
				files = 3
			}
			if n != files || errors.Is(err, ErrShort) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%d files, %v", n, err)
			}
			if got := savedFiles(t, dir); got["Claim"] != twoClaims || got["Patient"] != onePatient {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestSaveKeepsFilesAsTheyAre(t *testing.T) {
	e, c := serveExports(t)
	dir := filepath.Join(t.TempDir(), "files")
	n, err := save(t, c, dir, "all")
	if err != nil || n != 2 {
		t.Fatalf("%d files, %v", n, err)
	}
	if got := savedFiles(t, dir); got["Claim"] != twoClaims || got["Patient"] != onePatient || len(got) != 2 {
		t.Errorf("got %q", got)
	}
	if kickoffs, _, deletes := e.took(); kickoffs != 1 || deletes != 1 {
		t.Errorf("%d kick-offs, %d deletes", kickoffs, deletes)
	}
	if _, err := save(t, c, dir, "all"); err == nil || !strings.Contains(err.Error(), "finished export") {
		t.Errorf("again: %v", err)
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(parts) > 0 {
		t.Errorf("left: %v", parts)
	}
}

func TestAnInterruptedSaveGoesOn(t *testing.T) {
	e, c := serveExports(t)
	dir := t.TempDir()
	e.refuse = "Patient" // the second; one at a time, so that no request is given up on its way
	if _, err := saveBy(t, c, dir, "all", 1); err == nil {
		t.Fatal("a file that is refused is no error")
	}
	if _, _, deletes := e.took(); deletes != 0 {
		t.Error("the export was deleted before its files were there")
	}
	if _, err := save(t, c, dir, "another"); err == nil || !strings.Contains(err.Error(), "another request") {
		t.Errorf("another request: %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, savedFile)); err != nil || strings.Contains(string(text), "http") {
		t.Errorf("the folder has the status URL: %s, %v", text, err)
	}
	other := c
	other.Lake.Dir = t.TempDir()
	if _, err := save(t, other, dir, "all"); err == nil || !strings.Contains(err.Error(), "another lake") {
		t.Errorf("with another lake: %v", err)
	}
	before := savedFiles(t, dir)
	if before["Patient"] != "" || before["Claim"] != twoClaims {
		t.Errorf("a file that did not come has its name, or one that came has not: %q", before)
	}
	e.took()
	e.refuse = ""
	if _, err := save(t, c, dir, "all"); err != nil {
		t.Fatal(err)
	}
	kickoffs, files, deletes := e.took()
	if kickoffs != 0 || deletes != 1 || files != 2-len(before) {
		t.Errorf("%d kick-offs, %d files, %d deletes; there were %d files", kickoffs, files, deletes, len(before))
	}
	if got := savedFiles(t, dir); got["Claim"] != twoClaims || got["Patient"] != onePatient {
		t.Errorf("got %q", got)
	}
	if left, err := os.ReadDir(filepath.Join(c.Lake.Dir, exportsDir)); err != nil || len(left) > 0 {
		t.Errorf("the lake still has %v, %v", left, err)
	}
}

func TestSaveRefusesFoldersWithOtherFiles(t *testing.T) {
	e, c := serveExports(t)
	for name, text := range map[string]string{"Claim.ndjson": twoClaims, savedFile: "{"} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		if _, err := save(t, c, dir, "all"); err == nil || !strings.Contains(err.Error(), "folder") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if kickoffs, _, _ := e.took(); kickoffs != 0 {
		t.Error("an export was started")
	}
}

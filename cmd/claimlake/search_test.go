package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// claimIDs are the ids in the lake.
func claimIDs(t *testing.T, lake string) (ids []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(lake, "current", "claim", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		rows, err := pq.ReadFile[struct {
			ID      string `parquet:"id"`
			Version int64  `parquet:"_version"`
		}](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, fmt.Sprintf("%s@%d", r.ID, r.Version))
		}
	}
	slices.Sort(ids)
	return ids
}

// A server that has no export is searched: first for everything, then for what
// changed, and with the same rows as an export.
func TestSyncBySearch(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	claim := func(i int, day string) string {
		return fmt.Sprintf(`{"resourceType":"Claim","id":"c%04d","meta":{"lastUpdated":"%sT00:00:00Z"},"status":"active","text":{"div":"<div>a & b</div>"},"total":{"value":%d.10}}`+"\n", i, day, i)
	}
	var all strings.Builder
	for i := range 2500 { // more than the server gives a page
		all.WriteString(claim(i, "2024-01-01"))
	}
	put(t, filepath.Join(data, "Claim.ndjson"), all.String())
	put(t, filepath.Join(data, "Patient.ndjson"), `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
	web := httptest.NewUnstartedServer(nil)
	server, err := fhirtest.New(fhirtest.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = server
	web.Start()
	t.Cleanup(func() { web.Close(); _ = server.Close() })
	lakes := map[string]string{}
	sync := func(mode string, more ...string) string {
		t.Helper()
		lakes[mode] = filepath.Join(dir, mode)
		file := put(t, filepath.Join(dir, mode+".yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {mode: %s, types: [Claim, Patient]}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", web.URL, mode, lakes[mode]))
		code, out, problems := command(t, append([]string{"sync", "--config", file}, more...)...)
		if code != exitDone {
			t.Fatalf("exit %d: %s%s", code, out, problems)
		}
		return out
	}
	if out := sync("search", "--dry-run"); !strings.Contains(out, "search level=system _type=Claim,Patient") {
		t.Errorf("a dry run: %s", out)
	}
	sync("search")
	sync("export")
	if got, want := claimIDs(t, lakes["search"]), claimIDs(t, lakes["export"]); len(got) != 2500 || !slices.Equal(got, want) {
		t.Errorf("%d claims by search, %d by export", len(got), len(want))
	}
	put(t, filepath.Join(data, "Claim.new.ndjson"), claim(3000, "2099-01-01")) // as if just now
	put(t, filepath.Join(data, "Claim.later.ndjson"), strings.Replace(claim(3001, "2024-01-01"), "2024-01-01", "2024-02-01", 1))
	if out := sync("search"); !strings.Contains(out, "0 lines of 2 files") {
		t.Errorf("what changes after the beginning, or changed before, is for another sync: %s", out)
	}
	if err := os.Remove(filepath.Join(data, "Claim.new.ndjson")); err != nil {
		t.Fatal(err)
	}
	if out := sync("search", "--full"); !strings.Contains(out, "2502 lines of 2 files: 1 loaded, 2501 unchanged") {
		t.Errorf("everything again: %s", out)
	}
	for _, r := range server.Requests() {
		if r.Query && r.Path == "/Claim" && r.Status != 200 {
			t.Errorf("%s was answered %d", r.Path, r.Status)
		}
	}
}

// An interrupted search goes on with the same bounds.
func TestSearchIsResumed(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	put(t, filepath.Join(data, "Claim.ndjson"), strings.Replace(goodClaim, `"status"`, `"meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"status"`, 1))
	server, url := served(t, fhirtest.Options{Dir: data})
	lake := filepath.Join(dir, "lake")
	file := put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {mode: search, types: [Claim, Coverage]}\nlake: {dir: %q}\nwarehouse: {mode: none}\nlimits: {file_retries: 1}\n", url, lake))
	server.SetFaults(fhirtest.Fault{Kind: fhirtest.Search, Match: "/Coverage", Status: 403})
	if code, _, problems := command(t, "sync", "--config", file); code != exitFailed || !strings.Contains(problems, "claimlake resume") {
		t.Fatalf("exit %d: %s", code, problems)
	}
	server.SetFaults()
	code, out, problems := command(t, "resume", "--config", file)
	if code != exitDone || !strings.Contains(out, "go on with run 1: 1 of 2 files") || !strings.Contains(out, "1 loaded") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
}

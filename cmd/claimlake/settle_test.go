package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/ledger"
)

// A sync that was killed while its run was shown to readers is completed before the next
// one asks: for what changed since, and not for everything again. The server may forget
// the killed one's export.
func TestSyncAfterAKillAsksForChanges(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Patient.ndjson"), `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
	server, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data")})
	lake := filepath.Join(dir, "lake")
	file := put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {types: [Patient]}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", url, lake))
	server.SetFaults(fhirtest.Fault{Kind: fhirtest.Delete, Status: 400})
	if code, out, problems := command(t, "sync", "--config", file); code != exitDone {
		t.Fatal(out, problems)
	}
	server.SetFaults()
	asIfKilled(t, lake)
	if code, out, problems := command(t, "sync", "--config", file); code != exitDone {
		t.Fatal(out, problems)
	}
	exports := server.Exports()
	if len(exports) != 2 || exports[1].Parameters.Get("_since") == "" || exports[1].Parameters.Get("_since") == exports[0].Parameters.Get("_since") {
		t.Fatalf("exports %+v", exports)
	}
	for _, e := range exports {
		if !e.Deleted {
			t.Errorf("export %s is left on the server", e.ID)
		}
	}
}

// asIfKilled puts the last run of a lake back to where its promote had begun.
func asIfKilled(t *testing.T, lake string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(lake, ledger.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's
	for _, change := range []string{`UPDATE run SET state = 'promoting', finished = NULL, owed = 0`, `DELETE FROM watermark`} {
		if _, err := db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
}

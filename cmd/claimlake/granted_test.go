package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// What the token lets be read is part of what is asked for. Types that it did not let be
// read are not loaded, and what changed since is not all of them; and what it lets be
// read in part only is no sign that the rest is gone.
func TestSyncAsksForWhatTheTokenGrants(t *testing.T) {
	dir := t.TempDir()
	data, client := filepath.Join(dir, "data"), filepath.Join(dir, "client")
	resource := func(kind, id string) string {
		return fmt.Sprintf(`{"resourceType":%q,"id":%q,"meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n", kind, id)
	}
	put(t, filepath.Join(data, "Patient.ndjson"), resource("Patient", "p1"))
	put(t, filepath.Join(data, "Claim.ndjson"), resource("Claim", "c1"))
	put(t, filepath.Join(data, "Coverage.ndjson"), resource("Coverage", "v1"))
	var server *fhirtest.Server
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	clients, err := registerClient(client, web.URL)
	if err != nil {
		t.Fatal(err)
	}
	if server, err = fhirtest.New(fhirtest.Options{Dir: data, Clients: clients}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	config := filepath.Join(client, "claimlake.yaml")
	all := []string{"system/Claim.rs", "system/Coverage.rs", "system/Patient.rs"}
	for _, step := range []struct {
		name   string
		scopes []string
		since  bool   // only changes are asked for
		warns  string // of everything being asked for
		args   []string
		lines  string
	}{
		{"less than all", all[:1], false, "", nil, "1 lines of 1 files: 1 loaded"},
		{"no more than before", all[:1], true, "", nil, "0 lines of 0 files"},
		{"one more", all[:2], false, "the token lets types be read that it did not: Coverage", nil, "2 lines of 2 files: 1 loaded, 1 unchanged"},
		{"one less", all[:1], true, "", nil, "0 lines of 0 files"},
		{"one less, and everything", all[:1], false, "", []string{"--full", "--accept-absent"}, "1 lines of 1 files: 0 loaded"},
		{"all", all, false, "the token lets types be read that it did not: Coverage, Patient", nil, "3 lines of 3 files: 1 loaded, 2 unchanged"},
		{"the same", all, true, "", nil, "0 lines of 0 files"},
	} {
		server.SetScopes(demoClient, step.scopes...)
		put(t, config, strings.Split(read(t, config), "export:")[0]+"export: {types: [Claim, Coverage, Patient]}\nwarehouse: {mode: none}\n")
		code, out, problems := command(t, append([]string{"sync", "--config", config}, step.args...)...)
		exports := server.Exports()
		since := exports[len(exports)-1].Parameters.Get("_since") != ""
		if code != exitDone || since != step.since || !strings.Contains(problems, step.warns) || step.warns == "" && strings.Contains(problems, "everything is asked for") {
			t.Errorf("%s: exit code %d, since %v:\n%s%s", step.name, code, since, out, problems)
		}
		if !strings.Contains(out, step.lines) {
			t.Errorf("%s: want %s:\n%s", step.name, step.lines, out)
		}
	}
	if code, out, problems := command(t, "trace", "coverage", "v1", "--lake", filepath.Join(client, "lake")); code != exitDone {
		t.Errorf("what was not granted was taken for deleted: %s%s", out, problems)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

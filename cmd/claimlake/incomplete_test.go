package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// sinceOf is the _since that the next sync would ask for; "" for everything.
func sinceOf(t *testing.T, config string) string {
	t.Helper()
	code, out, problems := command(t, "sync", "--dry-run", "--config", config)
	if code != exitDone {
		t.Fatalf("exit code %d:\n%s%s", code, out, problems)
	}
	found := regexp.MustCompile(`_since=(\S+)`).FindStringSubmatch(out)
	if found == nil {
		return ""
	}
	return found[1]
}

// What the server says it could not export is held back, and asked for again from where
// it was: also where somebody accepts the rest.
func TestSyncOfWhatTheServerCouldNotExport(t *testing.T) {
	data, client := t.TempDir(), t.TempDir()
	claimsIn(t, data, 5)
	fhir, url := served(t, fhirtest.Options{Dir: data})
	lake := filepath.Join(client, "lake")
	config := put(t, filepath.Join(client, "c.yaml"), "source: {name: payer, url: "+url+"}\nexport: {types: [Claim, Coverage]}\nwarehouse: {mode: none}\nlake: {dir: "+lake+"}\n")
	fails := fhirtest.Fault{Kind: fhirtest.Kickoff, Errors: []string{"Failed to export Coverage"}}
	lost := fhirtest.Fault{Kind: fhirtest.File, Match: "outcome", Status: 404}
	sync := func(want int, says string, faults ...fhirtest.Fault) {
		t.Helper()
		fhir.SetFaults(faults...)
		if code, out, problems := command(t, "sync", "--config", config); code != want || !strings.Contains(problems, says) {
			t.Fatalf("exit code %d, want %d and %q:\n%s%s", code, want, says, out, problems)
		}
	}
	accept := func(run string) {
		t.Helper()
		if code, out, problems := command(t, "promote", "--accept", run, "--reason", "the rest is of use", "--config", config); code != exitDone {
			t.Fatalf("exit code %d:\n%s%s", code, out, problems)
		}
	}
	sync(exitFailed, "export_errors: the server says that it could not export all: an error (processing), of probably Coverage; readers do not see the run", fails)
	if n := len(filesIn(t, filepath.Join(lake, "current"))); n != 0 {
		t.Errorf("readers see %d files", n)
	}
	accept("1")
	if since := sinceOf(t, config); since != "" {
		t.Errorf("after a first sync in which some failed the next asks since %s", since)
	}
	sync(exitDone, "")
	first := sinceOf(t, config)
	if first == "" {
		t.Fatal("after a sync that is whole the next asks for everything")
	}
	sync(exitFailed, "export_errors", fails, lost) // even what failed is not there
	accept("3")
	if since := sinceOf(t, config); since != first {
		t.Errorf("after a sync in which some failed the next asks since %s, want %s", since, first)
	}
	sync(exitDone, "")
	if since := sinceOf(t, config); since <= first {
		t.Errorf("after a whole sync the next asks since %s, as before", since)
	}
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

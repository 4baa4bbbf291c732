package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// Where nobody named types, those that the server does not export are left out with a
// warning, by later syncs too, until one asks for everything. Once they are named they
// are asked for, and all of them.
func TestTypesThatTheServerLacksAreLeftOut(t *testing.T) {
	for name, declares := range map[string]bool{"as it declares": true, "as it refuses": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, "data", "Patient.ndjson"), `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
			put(t, filepath.Join(dir, "data", "Claim.ndjson"), `{"resourceType":"Claim","id":"c1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
			server, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data"), Types: []string{"Claim", "Patient"}, Declares: declares})
			config := func(export string) string {
				return put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {%s}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", url, export, filepath.Join(dir, "lake")))
			}
			for _, step := range []struct {
				name, export string
				args         []string
				code         int
				since        bool
				warns        string
				types        int // of the kick-off that is accepted
			}{
				{"the first", "elements: from-mappings", nil, exitDone, false, "types are left out", 2},
				{"the second", "elements: from-mappings", nil, exitDone, true, "", 2},
				{"the third", "elements: from-mappings", nil, exitDone, true, "", 2},
				{"everything", "elements: from-mappings", []string{"--full"}, exitDone, false, "types are left out", 2},
				{"after everything", "elements: from-mappings", nil, exitDone, true, "", 2},
				{"named", "types: [Claim, Coverage, Patient]", []string{"--full"}, exitFailed, false, `the server says: The requested resource type "Coverage" is not available on this server`, 0},
			} {
				before := len(server.Exports())
				code, out, problems := command(t, append([]string{"sync", "--config", config(step.export)}, step.args...)...)
				if code != step.code || !strings.Contains(problems, step.warns) || step.warns == "" && strings.Contains(problems, "left out") {
					t.Fatalf("%s: exit code %d\n%s%s", step.name, code, out, problems)
				}
				if code != exitDone {
					continue
				}
				exports := server.Exports()
				p := exports[len(exports)-1].Parameters
				if types := strings.Split(p.Get("_type"), ","); len(exports) != before+1 || len(types) != step.types || (p.Get("_since") != "") != step.since {
					t.Errorf("%s: %d exports, %v", step.name, len(exports)-before, p)
				}
			}
			_, plan, problems := command(t, "sync", "--dry-run", "--config", config("elements: from-mappings"))
			if !strings.Contains(plan, "left out") {
				t.Errorf("a dry run:\n%s%s", plan, problems)
			}
		})
	}
}

// A server that fails an export by patients for types that are about none is asked once
// more, without them.
func TestFailedExportByPatientsIsTriedWithoutOtherTypes(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Patient.ndjson"), `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
	server, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data"), Version: "stu4", Faults: []fhirtest.Fault{{Kind: fhirtest.Kickoff, Attempt: 1, Fail: 500}}})
	config := put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {level: patient, separate_export_status: true}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", url, filepath.Join(dir, "lake")))
	code, out, problems := command(t, "sync", "--config", config)
	exports := server.Exports()
	if code != exitDone || len(exports) != 2 || !strings.Contains(problems, "types that are about no patient") {
		t.Fatalf("exit code %d, %d exports\n%s%s", code, len(exports), out, problems)
	}
	first, second := strings.Join(exports[0].Parameters["_type"], ","), strings.Join(exports[1].Parameters["_type"], ",")
	if !strings.Contains(first, "Organization") || strings.Contains(second, "Organization") || !strings.Contains(second, "ExplanationOfBenefit") || !exports[0].Deleted {
		t.Errorf("asked for %s, then for %s", first, second)
	}
}

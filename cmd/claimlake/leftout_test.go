package main

import (
	"fmt"
	"os"
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
				{"named", "types: [Claim, Coverage, Patient]", []string{"--full"}, exitFailed, false, hiddenWords, 0},
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
			if said := onTerminal(t, "sync", "--full", "--config", config("types: [Claim, Coverage, Patient]")); !strings.Contains(said, `the server says: The requested resource type "Coverage" is not available on this server`) || strings.Contains(said, hiddenWords) {
				t.Errorf("on a terminal:\n%s", said)
			}
			_, plan, problems := command(t, "sync", "--dry-run", "--config", config("elements: from-mappings"))
			if !strings.Contains(plan, "left out") {
				t.Errorf("a dry run:\n%s%s", plan, problems)
			}
		})
	}
}

// A server that declares types which it does not export of a group, and says so, is asked
// for the others.
func TestTypesThatAGroupLacksAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Patient.ndjson"), `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
	put(t, filepath.Join(dir, "data", "Location.ndjson"), `{"resourceType":"Location","id":"l1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
	server, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data"), SystemOnly: []string{"Location", "PractitionerRole"}})
	config := put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nexport: {level: group, group: all}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", url, filepath.Join(dir, "lake")))
	code, out, problems := command(t, "sync", "--config", config)
	if code != exitDone || len(server.Exports()) != 1 || !strings.Contains(problems, "types are left out") {
		t.Fatalf("exit code %d, %d exports\n%s%s", code, len(server.Exports()), out, problems)
	}
	if types := server.Exports()[0].Parameters.Get("_type"); strings.Contains(types, "Location") || !strings.Contains(types, "Practitioner") {
		t.Errorf("asked for %s", types)
	}
}

// onTerminal runs a command as on a terminal, and gives what that shows.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	shown, err := os.Create(filepath.Join(t.TempDir(), "screen")) // bars and logs write at once
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Close() //nolint:errcheck // read below
	screen := newPlain(shown)
	screen.terminal = true
	runPlain(t.Context(), args, screen, screen)
	text, err := os.ReadFile(shown.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What a server says in its own words is shown on a terminal alone: elsewhere it would be
// kept, and it may name a patient.
func TestServersWordsAreOnATerminalOnly(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Patient.ndjson"), `{"resourceType":"Patient","id":"p1"}`+"\n")
	const words = "JaneDoe"
	for name, kind := range map[string]fhirtest.Kind{"sync": fhirtest.Kickoff, "export": fhirtest.Status, "source check": fhirtest.Discovery} {
		_, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data"), Polls: 2, Mark: words, Faults: []fhirtest.Fault{{Kind: kind, Status: 400}}})
		config := put(t, filepath.Join(dir, "c.yaml"), fmt.Sprintf("source: {name: payer, url: %q}\nlake: {dir: %q}\nwarehouse: {mode: none}\n", url, filepath.Join(dir, "lake-"+name)))
		args := append(strings.Fields(name), "--config", config, "--log-level", "debug")
		if name == "export" {
			args = append(args, "--to", filepath.Join(dir, "out"))
		}
		code, out, problems := command(t, args...)
		if all := out + problems; code == exitDone || strings.Contains(all, "Jane") || !strings.Contains(all, hiddenWords) {
			t.Errorf("%s: exit code %d\n%s", name, code, all)
		}
		if shown := onTerminal(t, args...); !strings.Contains(shown, words) || strings.Contains(shown, hiddenWords) {
			t.Errorf("%s, on a terminal:\n%s", name, shown)
		}
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

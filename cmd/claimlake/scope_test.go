package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// A watermark says nothing of what was not asked for: another server's resources, or
// those of types that came into the configuration, or into the mappings, later.
func TestSyncOfAnotherScopeAsksForEverything(t *testing.T) {
	t.Parallel() // it waits
	client := t.TempDir()
	lake := filepath.Join(client, "lake")
	old, other := t.TempDir(), t.TempDir()
	for dir, id := range map[string]string{old: "old", other: "other"} {
		for _, typ := range []string{"Claim", "Patient", "Coverage"} {
			put(t, filepath.Join(dir, typ+".ndjson"), `{"resourceType":"`+typ+`","id":"`+id+`","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}`+"\n")
		}
	}
	serve := func(dir string) string {
		_, url := served(t, fhirtest.Options{Dir: dir})
		return url
	}
	first, again := serve(old), serve(old)
	second := strings.Replace(serve(other), "127.0.0.1", "localhost", 1)
	for _, step := range []struct {
		name, url, export string
		loaded            string // lines
		warns             string
	}{
		{"the first", first, "types: [Claim]", "1 loaded, 0 unchanged", ""},
		{"the same again", first, "types: [Claim]", "0 loaded, 0 unchanged", ""},
		{"in another form", first + "/", "types: [Claim], organize_output_by: Patient", "0 loaded, 0 unchanged", ""},
		{"types more", first, "types: [Claim, Patient, Coverage]", "2 loaded, 1 unchanged", "types were added: Patient, Coverage (export.since says otherwise)"},
		{"the same", first, "types: [Claim, Coverage, Patient]", "0 loaded, 0 unchanged", ""},
		{"on another port of this machine", again, "types: [Claim, Coverage, Patient]", "0 loaded, 0 unchanged", ""},
		{"fewer", first, "types: [Claim]", "0 loaded, 0 unchanged", ""},
		{"more again", first, "types: [Claim, Patient]", "0 loaded, 2 unchanged", "types were added: Patient"},
		{"since when", first, "types: [Claim, Patient, Coverage], since: 2023-01-01", "0 loaded, 3 unchanged", ""},
		{"since ever", first, "types: [Claim, Patient, Coverage]", "0 loaded, 3 unchanged", "what is asked for is something else"},
		{"another server", second, "types: [Claim, Patient, Coverage]", "3 loaded, 0 unchanged", "the server is another"},
		{"the same other one", second, "types: [Claim, Patient, Coverage]", "0 loaded, 0 unchanged", ""},
	} {
		config := put(t, filepath.Join(client, "c.yaml"), "source: {name: payer, url: "+step.url+"}\nexport: {"+step.export+"}\nwarehouse: {mode: none}\nlake: {dir: "+lake+"}\n")
		_, plan, _ := command(t, "sync", "--dry-run", "--config", config)
		code, out, problems := command(t, "sync", "--config", config)
		if code != exitDone || !strings.Contains(out, step.loaded) {
			t.Errorf("%s: exit code %d, want %s:\n%s%s", step.name, code, step.loaded, out, problems)
		}
		for _, said := range []string{problems, plan} {
			if step.warns == "" == strings.Contains(said, "everything is asked for") || !strings.Contains(said, step.warns) {
				t.Errorf("%s: want %q:\n%s", step.name, step.warns, said)
			}
		}
	}
	// Nothing of the other server's was taken for a sign that the first one's are gone.
	if code, out, problems := command(t, "trace", "claim", "old", "--lake", lake); code != exitDone {
		t.Errorf("exit code %d: %s%s", code, out, problems)
	}
}

func TestScopeOfOlderLedgers(t *testing.T) {
	const old = "level=group group=g _type=Claim,Patient _since=2026-01-02T03:04:05Z _typeFilter=Claim?status=active,Patient?active=true _outputFormat=ndjson"
	for now, want := range map[string]string{
		"level=group group=g _type=Patient,Claim _typeFilter=Claim?status=active,Patient?active=true server=https://a":       "",
		"level=group group=g _type=Claim,Patient _typeFilter=Claim?status=active server=https://a":                           "something else",
		"level=group group=h _type=Claim,Patient _typeFilter=Claim?status=active,Patient?active=true server=https://a":       "something else",
		"level=group group=g _type=Claim,Patient,X _typeFilter=Claim?status=active,Patient?active=true server=https://a":     "types were added: X",
		"search level=group group=g _type=Claim,Patient _typeFilter=Claim?status=active,Patient?active=true server=http://a": "something else",
	} {
		if why, _ := scopeOf(now).within(scopeOf(old)); why != want && (want == "" || !strings.Contains(why, want)) {
			t.Errorf("%s: %q, want %q", now, why, want)
		}
	}
	const publish = "publish _type=Claim"
	if why, _ := scopeOf("publish _type=Claim,Patient server=https://a").within(scopeOf(publish)); !strings.Contains(why, "Patient") {
		t.Error(why)
	}
}

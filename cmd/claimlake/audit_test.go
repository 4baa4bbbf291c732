package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every use of a lake's data is in its trail, and no data is.
func TestAuditTrailOfALake(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	in := put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"MARKED1","name":[{"family":"MARKED2"}],"birthDate":"1931-02-03"}`+"\n"+`{"resourceType":"Patient","name":"MARKED3"}`+"\n")
	for _, args := range [][]string{
		{"flatten", "--lake", lake, "--parquet-only", "--archive", "forever", "--purpose", "payment", in},
		{"trace", "--lake", lake, "patient", "MARKED1"},
		{"trace", "--lake", lake, "patient", "MARKED1", "--raw"},
		{"quarantine", "show", "--lake", lake, "1", "0001", "2"},
	} {
		if code, out, problems := command(t, args...); code != exitDone && code != exitRejected {
			t.Fatalf("%q: exit code %d\n%s%s", args, code, out, problems)
		}
	}
	code, out, problems := command(t, "audit", "export", "--lake", lake)
	var actions []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
		actions = append(actions, strings.Split(line, ",")[4])
	}
	want := "run.start manifest file.download pages.load check promote run.end trace trace.raw quarantine.show"
	if code != exitDone || strings.Join(actions, " ") != want || !strings.Contains(out, ",payment,") {
		t.Errorf("exit code %d, actions %q\nwant         %q\n%s%s", code, strings.Join(actions, " "), want, out, problems)
	}
	_, fhir, _ := command(t, "audit", "export", "--lake", lake, "--format", "fhir")
	for line := range strings.Lines(fhir) {
		var resource struct {
			ResourceType, ID, Recorded, Outcome string
			Agent                               []struct{ AltID string }
			Source                              struct{ Observer struct{ Display string } }
		}
		if err := json.Unmarshal([]byte(line), &resource); err != nil || resource.ResourceType != "AuditEvent" || resource.ID == "" || resource.Recorded == "" || resource.Outcome != "0" || len(resource.Agent) != 1 || resource.Source.Observer.Display == "" {
			t.Errorf("%v: %s", err, line)
		}
	}
	code, report, _ := command(t, "audit", "report", "--lake", lake)
	if code != exitDone || !strings.Contains(report, "quarantine.show") {
		t.Errorf("exit code %d:\n%s", code, report)
	}
	code, verified, _ := command(t, "audit", "verify", "--lake", lake)
	_, head, found := strings.Cut(strings.TrimSpace(verified), "head: ")
	if code != exitDone || !found || !strings.HasPrefix(verified, "10 events, from 1 on") {
		t.Fatalf("exit code %d:\n%s", code, verified)
	}
	if code, out, problems := command(t, "audit", "verify", "--lake", lake, "--anchor", head); code != exitDone {
		t.Errorf("with the head: %s%s", out, problems)
	}
	log := filepath.Join(lake, "audit", "audit-000001.jsonl")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(text), out, fhir, report, verified} {
		if strings.Contains(shown, "MARKED") {
			t.Error("the trail has data of a patient")
		}
	}
	put(t, log, strings.Replace(string(text), `"action":"trace.raw"`, `"action":"trace"`, 1))
	if code, _, problems := command(t, "audit", "verify", "--lake", lake); code != exitFailed || !strings.Contains(problems, "event 9 is not what was recorded") {
		t.Errorf("exit code %d: %s", code, problems)
	}
	if code, _, problems := command(t, "trace", "--lake", lake, "patient", "MARKED1"); code != exitDone {
		t.Errorf("an event in the middle was altered, and the trail cannot go on: %s", problems)
	}
	put(t, log, string(text[:len(text)-200]))
	if code, shown, _ := command(t, "trace", "--lake", lake, "patient", "MARKED1"); code != exitFailed || shown != "" {
		t.Errorf("the trail lost its end, and data is shown all the same: exit code %d\n%s", code, shown)
	}
}

func TestAuditPrune(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	in := put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"1"}`+"\n")
	if code, _, problems := command(t, "flatten", "--lake", lake, "--parquet-only", in); code != exitDone {
		t.Fatal(problems)
	}
	config := put(t, filepath.Join(dir, "c.yaml"), "source: {name: p, url: 'https://h'}\nlake: {dir: "+lake+"}\n")
	if code, out, problems := command(t, "audit", "prune", "--config", config); code != exitDone || !strings.HasPrefix(out, "0 events") {
		t.Errorf("exit code %d:\n%s%s", code, out, problems)
	}
}

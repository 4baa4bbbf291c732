package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// stopped starts a sync and sends it SIGTERM once it has asked for some files. It
// gives what the process said.
func (v *victim) stopped(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), v.binary, "sync", "--config", v.config)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for asked := 0; asked < 20; time.Sleep(10 * time.Millisecond) {
		asked = 0
		for _, r := range v.server.Requests() {
			if r.Kind == fhirtest.File {
				asked++
			}
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != exitFailed {
		t.Fatalf("it ends with %v: %s", err, &out)
	}
	return out.String()
}

// claimlake runs the binary with the victim's configuration.
func (v *victim) claimlake(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), v.binary, append(args, "--config", v.config)...).CombinedOutput()
	return string(out), err
}

// A sync that is told to stop keeps what it has done, says how to go on, and then
// asks for nothing twice.
func TestStoppedSyncIsResumed(t *testing.T) {
	t.Parallel() // it waits
	v := newVictim(t, buildClaimlake(t), "none")
	if out := v.stopped(t); !strings.Contains(out, "claimlake resume") {
		t.Errorf("it does not say how to go on: %s", out)
	}
	v.remember(t)
	if len(v.done) == 0 {
		t.Error("nothing that it did is durable")
	}
	out, err := v.claimlake(t, "resume")
	if err != nil || !strings.Contains(out, "go on with run 1: ") || strings.Contains(out, ": 0 of") {
		t.Errorf("%v: %s", err, out)
	}
	v.check(t, 2)
	if out, err := v.claimlake(t, "resume"); err == nil || !strings.Contains(out, "no run of the lake") {
		t.Errorf("with nothing to go on with: %v: %s", err, out)
	}
	if out, err := v.claimlake(t, "resume", "1"); err == nil || !strings.Contains(out, "run 1 is promoted") {
		t.Errorf("of a run that is complete: %v: %s", err, out)
	}
}

// A sync that is cancelled leaves nothing, here and on the server.
func TestStoppedSyncIsCancelled(t *testing.T) {
	t.Parallel() // it waits
	v := newVictim(t, buildClaimlake(t), "none")
	v.stopped(t)
	out, err := v.claimlake(t, "cancel")
	if err != nil || !strings.Contains(out, "run 1 is cancelled") {
		t.Fatalf("%v: %s", err, out)
	}
	requests := v.server.Requests()
	if !slices.ContainsFunc(requests, func(r fhirtest.Request) bool { return r.Method == http.MethodDelete && r.Status == http.StatusAccepted }) {
		t.Error("the server was not told")
	}
	for _, part := range []string{"runs/*", "quarantine/*"} {
		if left, err := filepath.Glob(filepath.Join(v.lake, filepath.FromSlash(part))); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
	for _, command := range []string{"cancel", "resume"} {
		if out, err := v.claimlake(t, command, "1"); err == nil || !strings.Contains(out, "run 1 is failed") {
			t.Errorf("%s again: %v: %s", command, err, out)
		}
	}
	if out, err := v.claimlake(t, "sync"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := v.patients(t); !slices.Equal(got, wantPatients()) {
		t.Errorf("%d patients in the lake, %d were served", len(got), servedPatients)
	}
}

// Resume goes on with what was begun, or says why not, and loses nothing.
func TestResumeRefusesAnotherExport(t *testing.T) {
	t.Parallel() // it waits
	v := newVictim(t, buildClaimlake(t), "none")
	v.stopped(t)
	v.remember(t)
	was := v.config
	text, err := os.ReadFile(was)
	if err != nil {
		t.Fatal(err)
	}
	v.config = put(t, filepath.Join(filepath.Dir(was), "other.yaml"), strings.Replace(string(text), "[Patient]", "[Patient, Claim]", 1))
	if out, err := v.claimlake(t, "resume"); err == nil || !strings.Contains(out, "asks for another export than run 1 did") {
		t.Errorf("%v: %s", err, out)
	}
	v.config = was
	if out, err := v.claimlake(t, "resume", "--workers", "1"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	v.check(t, 2)
}

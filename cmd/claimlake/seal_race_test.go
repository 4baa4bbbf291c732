package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/seal"
)

// However a rotation and a rewrap that forgets fall together, what is sealed can be read.
func TestRewrapNextToRotate(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys", "seal.json")
	config := put(t, filepath.Join(dir, "c.yaml"), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+filepath.Join(dir, "lake")+", archive: forever}\nseal: {key_file: "+keys+"}\n")
	run := func(want int, args ...string) {
		if code, out, problems := command(t, args...); code != want {
			t.Errorf("%q: exit %d: %s%s", args, code, out, problems)
		}
	}
	run(exitDone, "seal", "keygen", "--out", keys)
	run(exitRejected, "flatten", "--config", config, put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"1"}`+"\n"+`{"resourceType":"Patient"}`+"\n"))
	for range 6 {
		var both sync.WaitGroup
		both.Go(func() { run(exitDone, "seal", "rewrap", "--forget", "--config", config) })
		both.Go(func() {
			for range 3 {
				run(exitDone, "seal", "rotate", keys)
			}
		})
		both.Wait()
		run(exitDone, "trace", "patient", "1", "--raw", "--config", config)
		run(exitDone, "quarantine", "show", "1", "0001", "2", "--config", config)
	}
}

// A process that read the key set before a key was forgotten seals nothing with it, and a
// key under which something is sealed stays.
func TestForgottenKeySealsNothing(t *testing.T) {
	dir := t.TempDir()
	keys, lake := filepath.Join(dir, "keys", "seal.json"), filepath.Join(dir, "lake")
	config := put(t, filepath.Join(dir, "c.yaml"), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+lake+", archive: forever}\nseal: {key_file: "+keys+"}\n")
	run := func(args ...string) {
		if code, out, problems := command(t, args...); code != exitDone {
			t.Fatalf("%q: exit %d: %s%s", args, code, out, problems)
		}
	}
	run("seal", "keygen", "--out", keys)
	text, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	before, err := seal.Parse(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	run("flatten", "--config", config, put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"1"}`+"\n"))
	run("seal", "rotate", keys)
	run("seal", "rewrap", "--forget", "--config", config)
	if _, err := pipeline.Rewrap(t.Context(), lake, before, nil); err == nil || !strings.Contains(err.Error(), "run the command again") {
		t.Errorf("with the key set of before: %v", err)
	}
	rotated, err := seal.Rotate(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, gone, err := seal.Forget(rotated, nil, map[uint32]bool{before.Primary(): true}); err != nil || len(gone) > 0 {
		t.Errorf("keys %d are gone that are in use, %v", gone, err)
	}
}

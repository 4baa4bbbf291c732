package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
)

// Whenever the power fails while keys are made, rotated and forgotten, what is sealed can
// be read with the keys that are left; and a key set that was said to be written is there.
func TestKeySetsSurvivePowerLoss(t *testing.T) {
	root, inputs := t.TempDir(), t.TempDir()
	keys := filepath.Join("keys", "seal.json")
	config := func(t *testing.T, root string) string {
		return put(t, filepath.Join(t.TempDir(), defaultConfig), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+filepath.Join(root, "lake")+
			", archive: forever}\nseal: {key_file: "+filepath.Join(root, keys)+"}\n")
	}
	own := config(t, root)
	in := put(t, filepath.Join(inputs, "in.ndjson"), `{"resourceType":"Patient","id":"p1"}`+"\n"+`{"resourceType":"Patient","id":`+"\n")
	recorder := durabletest.Record(root)
	for _, args := range [][]string{
		{"seal", "keygen", "--out", filepath.Join(root, keys)},
		{"flatten", "--config", own, in},
		{"seal", "rotate", filepath.Join(root, keys), "--config", own},
		{"seal", "rewrap", "--forget", "--config", own},
	} {
		if code, _, problems := command(t, args...); code != exitDone && code != exitRejected {
			t.Fatalf("%q: exit code %d: %s", args, code, problems)
		}
		recorder.Mark(args[0] + " " + args[1])
	}
	steps := recorder.Stop()
	loaded := slices.IndexFunc(steps, func(s durabletest.Step) bool { return strings.HasPrefix(s.Mark, "flatten") })
	for c := range durabletest.CrashesAt(steps, func(n int) []durabletest.Loss {
		made := n < loaded && strings.HasPrefix(steps[n].Mark, "seal keygen")
		if s := steps[n]; made || n >= loaded && (s.Kind == durable.Committed || s.Kind == durable.Renamed || s.Mark != "") {
			return durabletest.Losses()[:1]
		}
		return nil
	}) {
		left := t.TempDir()
		if err := c.Write(left); err != nil {
			t.Fatal(err)
		}
		if c.Step < loaded {
			if code, _, problems := command(t, "seal", "rotate", filepath.Join(left, keys)); code != exitDone {
				t.Errorf("%s: exit code %d: %s", c.Name, code, problems)
			}
			continue
		}
		for what, args := range map[string][]string{
			"a quarantined line": {"quarantine", "show", "1", "0001", "2"},
			"an archived one":    {"trace", "patient", "p1", "--raw"},
		} {
			if code, _, problems := command(t, append(args, "--config", config(t, left))...); code != exitDone {
				t.Errorf("%s: %s: exit code %d: %s", c.Name, what, code, problems)
			}
		}
	}
}

package main

import (
	"path/filepath"
	"testing"
)

// Whoever makes a key for a lake leaves a trace in its trail.
func TestKeysMadeAreAudited(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	config := put(t, filepath.Join(dir, "c.yaml"), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+lake+"}\n")
	for event, args := range map[string][]string{
		"keys.generate": {"keys", "generate", "--out", filepath.Join(dir, "client.pem")},
		"seal.keygen":   {"seal", "keygen", "--out", filepath.Join(dir, "seal.json")},
		"policy.keygen": {"policy", "keygen", "--out", filepath.Join(dir, "policy")},
	} {
		if code, _, problems := command(t, append(args, "--config", config)...); code != exitDone {
			t.Fatal(problems)
		}
		if found := holds(t, filepath.Join(lake, "audit"), `"`+event+`"`); len(found) != 1 {
			t.Errorf("%s is not in the trail", event)
		}
	}
}

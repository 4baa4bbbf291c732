package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// holds reports which files below a folder hold a text.
func holds(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Who steals archive and quarantine without the key has nothing, and with another key
// gets an error. The owner has everything, also after a rotation.
func TestArchiveAndQuarantineAreSealed(t *testing.T) {
	dir := t.TempDir()
	lake, keys := filepath.Join(dir, "lake"), filepath.Join(dir, "keys", "seal.json")
	if code, _, problems := command(t, "seal", "keygen", "--out", keys); code != exitDone {
		t.Fatal(problems)
	}
	if code, _, _ := command(t, "seal", "keygen", "--out", keys); code != exitUsage {
		t.Errorf("a key set was overwritten: exit code %d", code)
	}
	config := func(name, seal string) string {
		return put(t, filepath.Join(dir, name), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+lake+", archive: forever}\n"+seal)
	}
	own := config("own.yaml", "seal: {key_file: "+keys+"}\n")
	none := config("none.yaml", "")
	stranger := filepath.Join(dir, "keys", "other.json")
	if code, _, problems := command(t, "seal", "keygen", "--out", stranger); code != exitDone {
		t.Fatal(problems)
	}
	other := config("other.yaml", "seal: {key_file: "+stranger+"}\n")

	patient := `{"resourceType":"Patient","id":"MARKED-1","name":[{"family":"MARKED"}]}`
	in := put(t, filepath.Join(dir, "in.ndjson"), patient+"\n"+`{"resourceType":"Patient","name":"MARKED"}`+"\n")
	if code, _, problems := command(t, "flatten", "--config", own, in); code != exitRejected {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	for _, kept := range []string{"archive", "quarantine", "audit"} {
		if _, err := os.Stat(filepath.Join(lake, kept)); err != nil {
			t.Error(err)
		}
		if found := holds(t, filepath.Join(lake, kept), "MARKED"); len(found) > 0 {
			t.Errorf("in the clear: %q", found)
		}
	}
	show, raw := []string{"quarantine", "show", "1", "0001", "2", "--config"}, []string{"trace", "patient", "MARKED-1", "--raw", "--config"}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{"a quarantined line": {append(show, own), "MARKED"}, "an archived one": {append(raw, own), patient}} {
		if code, out, problems := command(t, tc.args...); code != exitDone || !strings.Contains(out, tc.want) {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, problems)
		}
	}
	for _, c := range []string{none, other} {
		for _, args := range [][]string{append(show[:5:5], "--config", c), append(raw[:4:4], "--config", c)} {
			if code, out, problems := command(t, args...); code != exitFailed || strings.Contains(out+problems, "MARKED\"") || !strings.Contains(problems, "sealed, and cannot be opened") {
				t.Errorf("%q: exit code %d: %s%s", args, code, out, problems)
			}
		}
	}
	if code, _, problems := command(t, "seal", "rotate", keys); code != exitDone {
		t.Fatal(problems)
	}
	if code, out, problems := command(t, append(raw, own)...); code != exitDone || !strings.Contains(out, patient) {
		t.Errorf("after a rotation: exit code %d: %s%s", code, out, problems)
	}
	if code, _, problems := command(t, "reflatten", "--config", own); code != exitDone && code != exitRejected {
		t.Errorf("reflatten: exit code %d: %s", code, problems)
	}
	if err := os.Chmod(keys, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, problems := command(t, append(raw, own)...); code != exitUsage || !strings.Contains(problems, "chmod 600") {
		t.Errorf("a key that others may read: exit code %d: %s", code, problems)
	}
}

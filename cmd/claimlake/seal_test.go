package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"net/http"
	"net/http/httptest"
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

// After all is sealed again the key set from before the rotation opens nothing, and what
// was in quarantine unsealed is sealed.
func TestSealRewrap(t *testing.T) {
	dir := t.TempDir()
	lake, keys, old := filepath.Join(dir, "lake"), filepath.Join(dir, "keys", "seal.json"), filepath.Join(dir, "keys", "old.json")
	config := func(name, key string) string {
		text := "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: " + lake + ", archive: forever}\n"
		if key != "" {
			text += "seal: {key_file: " + key + "}\n"
		}
		return put(t, filepath.Join(dir, name), text)
	}
	none, own, stolen := config("none.yaml", ""), config("own.yaml", keys), config("old.yaml", old)
	run := func(want int, args ...string) string {
		t.Helper()
		code, out, problems := command(t, args...)
		if code != want {
			t.Fatalf("%q: exit %d: %s%s", args, code, out, problems)
		}
		return out + problems
	}
	run(exitDone, "seal", "keygen", "--out", keys)
	content, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	put(t, old, string(content))
	patient := `{"resourceType":"Patient","id":"MARKED-%","name":[{"family":"MARKED"}]}`
	for n, c := range []string{none, own, own} {
		in := put(t, filepath.Join(dir, "in.ndjson"), strings.ReplaceAll(patient, "%", string(rune('1'+n)))+"\n"+`{"resourceType":"Patient","name":"MARKED"}`+"\n")
		run(exitRejected, "flatten", "--config", c, in)
	}
	run(exitDone, "seal", "rotate", keys)
	run(exitUsage, "seal", "rewrap", "--config", none)
	run(exitFailed, "seal", "rewrap", "--config", config("other.yaml", func() string {
		stranger := filepath.Join(dir, "keys", "stranger.json")
		run(exitDone, "seal", "keygen", "--out", stranger)
		return stranger
	}()))
	if out := run(exitDone, "seal", "rewrap", "--config", own, "--forget"); !strings.Contains(out, "2 files of the archive and 3 pages in quarantine are sealed with the current key; 1 files of the archive were never sealed") {
		t.Error(out)
	}
	for n := '1'; n <= '3'; n++ {
		if out := run(exitDone, "trace", "patient", "MARKED-"+string(n), "--raw", "--config", own); !strings.Contains(out, "MARKED\"") {
			t.Error(out)
		}
		if out := run(exitDone, "quarantine", "show", string(n), "0001", "2", "--config", own); !strings.Contains(out, "MARKED") {
			t.Error(out)
		}
		run(exitFailed, "quarantine", "show", string(n), "0001", "2", "--config", stolen)
	}
	run(exitFailed, "trace", "patient", "MARKED-2", "--raw", "--config", stolen)
	if found := holds(t, filepath.Join(lake, "quarantine"), "MARKED"); len(found) > 0 {
		t.Errorf("in the clear: %q", found)
	}
}

// A key set that is encrypted by Vault is made, used and rotated over TLS.
func TestSealWithVault(t *testing.T) {
	dir := t.TempDir()
	vault := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Vault-Token") != "secret-token" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if text, ok := strings.CutPrefix(in["ciphertext"], "vault:v1:"); ok {
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"plaintext": text}})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"ciphertext": "vault:v1:" + in["plaintext"]}})
	}))
	t.Cleanup(vault.Close)
	authority := put(t, filepath.Join(dir, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: vault.Certificate().Raw})))
	keys, lake := filepath.Join(dir, "keys", "seal.json"), filepath.Join(dir, "lake")
	config := func(name, token, more string) string {
		file := put(t, filepath.Join(dir, name+".token"), token+"\n")
		return put(t, filepath.Join(dir, name), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+lake+", archive: forever}\nseal: {key_file: "+keys+", kms: '"+strings.Replace(vault.URL, "https", "hcvault", 1)+"/transit/keys/k', kms_token_file: "+file+more+"}\n")
	}
	good, bad, untrusted := config("good", "secret-token", ", kms_ca_file: "+authority), config("bad", "wrong-token", ", kms_ca_file: "+authority), config("untrusted", "secret-token", "")
	in := put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"1"}`+"\n")
	for _, tc := range []struct {
		want string
		code int
		args []string
	}{
		{"wrote", exitDone, []string{"seal", "keygen", "--out", keys, "--config", good}},
		{"has a new key", exitDone, []string{"seal", "rotate", keys, "--config", good}},
		{"1 loaded", exitDone, []string{"flatten", "--config", good, in}},
		{`"id":"1"`, exitDone, []string{"trace", "patient", "1", "--raw", "--config", good}},
		{"check the token", exitUsage, []string{"trace", "patient", "1", "--raw", "--config", bad}},
		{"does not answer", exitUsage, []string{"trace", "patient", "1", "--raw", "--config", untrusted}},
		{"0 files of the archive were never sealed", exitDone, []string{"seal", "rewrap", "--config", good, "--forget"}},
		{`"id":"1"`, exitDone, []string{"trace", "patient", "1", "--raw", "--config", good}},
		{"seal.rotate", exitDone, []string{"audit", "export", "--lake", lake}},
	} {
		code, out, problems := command(t, tc.args...)
		if code != tc.code || !strings.Contains(out+problems, tc.want) || strings.Contains(out+problems, "-token") {
			t.Errorf("%q: exit %d: %s%s", tc.args, code, out, problems)
		}
	}
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// jwk is what may be in a public key set, and what must not.
type jwk struct{ Kty, Kid, Alg, Use, D, P, Q, Dp, Dq, Qi, K string }

// keySet runs keys jwks and gives the keys it prints.
func keySet(t *testing.T, args ...string) []jwk {
	t.Helper()
	code, out, problems := command(t, append([]string{"keys", "jwks"}, args...)...)
	var set struct{ Keys []jwk }
	if err := json.Unmarshal([]byte(out), &set); code != exitDone || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, problems)
	}
	return set.Keys
}

func TestAKeyIsMadeCheckedAndPublished(t *testing.T) {
	for algorithm, kty := range map[string]string{"ES384": "EC", "RS384": "RSA"} {
		t.Run(algorithm, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.pem")
			if code, _, problems := command(t, "keys", "generate", "--alg", algorithm, "--out", path); code != exitDone {
				t.Fatalf("exit code %d: %s", code, problems)
			}
			if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
				t.Errorf("the key file is %v, %v; want mode 0600", st, err)
			}
			keys := keySet(t, path)
			if len(keys) != 1 {
				t.Fatalf("%d keys in the set", len(keys))
			}
			if want := (jwk{Kty: kty, Kid: keys[0].Kid, Alg: algorithm, Use: "sig"}); keys[0] != want || want.Kid == "" {
				t.Errorf("the set holds %+v, want %+v", keys[0], want)
			}
			code, out, _ := command(t, "keys", "check", path)
			for _, want := range []string{"algorithm:  " + algorithm, "kid:        " + keys[0].Kid, "mode:       0600"} {
				if code != exitDone || !strings.Contains(out, want) {
					t.Errorf("exit code %d, the check says %q, not %q", code, out, want)
				}
			}
		})
	}
}

func TestKeysAreNeverOverwrittenNorShared(t *testing.T) {
	dir := t.TempDir()
	first, second, shared := filepath.Join(dir, "1.pem"), filepath.Join(dir, "2.pem"), filepath.Join(dir, "3.pem")
	for _, path := range []string{first, second, shared} {
		if code, _, problems := command(t, "keys", "generate", "--out", path); code != exitDone {
			t.Fatalf("exit code %d: %s", code, problems)
		}
	}
	before, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o640); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a file that is there", []string{"generate", "--out", first}, exitUsage, "never overwritten"},
		{"no file named", []string{"generate"}, exitUsage, "--out"},
		{"an algorithm that SMART has not", []string{"generate", "--alg", "HS256", "--out", filepath.Join(dir, "4.pem")}, exitUsage, "ES384"},
		{"a folder that is not there", []string{"generate", "--out", filepath.Join(dir, "no", "key.pem")}, exitFailed, "no such file"},
		{"a key that others may read", []string{"check", shared}, exitFailed, "chmod 600"},
		{"not a key", []string{"check", put(t, filepath.Join(dir, "text"), "hunter2\n")}, exitFailed, "no private key in it"},
		{"no such file", []string{"jwks", filepath.Join(dir, "none.pem")}, exitFailed, "none.pem"},
		{"the same key twice", []string{"jwks", first, first}, exitFailed, "same kid"},
		{"one id for two keys", []string{"jwks", "--kid", "k", first, second}, exitUsage, "one file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, problems := command(t, append([]string{"keys"}, tc.args...)...)
			if code != tc.code || !strings.Contains(problems, tc.says) || out != "" {
				t.Errorf("exit code %d, want %d; it says %q, want %q; output %q", code, tc.code, problems, tc.says, out)
			}
			if strings.Contains(problems, "hunter2") {
				t.Error("the file is quoted")
			}
		})
	}
	if after, err := os.ReadFile(first); err != nil || string(after) != string(before) {
		t.Errorf("the first key was changed: %v", err)
	}
	if keys := keySet(t, first, second); len(keys) != 2 || keys[0].Kid == keys[1].Kid {
		t.Errorf("two files give %+v", keys)
	}
	if keys := keySet(t, "--kid", "key-1", first); keys[0].Kid != "key-1" {
		t.Errorf("the given kid became %s", keys[0].Kid)
	}
}

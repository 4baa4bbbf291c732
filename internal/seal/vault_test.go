package seal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/extract/redact"
)

// fakeVault answers as the transit engine does, with one key.
type fakeVault struct {
	t    *testing.T
	fail []int // statuses of the first answers
	html bool
}

func (f *fakeVault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(f.fail) > 0 {
		w.WriteHeader(f.fail[0])
		f.fail = f.fail[1:]
		return
	}
	if f.html {
		_, _ = w.Write([]byte("<html>SECRET</html>"))
		return
	}
	var in map[string]string
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Method != http.MethodPost || r.Header.Get("X-Vault-Token") != "token" {
		http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
		return
	}
	operation := strings.TrimPrefix(r.URL.Path, "/v1/transit/")
	switch operation {
	case "encrypt/claimlake":
		plain, err := base64.StdEncoding.DecodeString(in["plaintext"])
		if err != nil {
			f.t.Error(err)
		}
		for i := range plain {
			plain[i] ^= 0x5a
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(plain), "key_version": 1}})
	case "decrypt/claimlake":
		text, ok := strings.CutPrefix(in["ciphertext"], "vault:v1:")
		plain, err := base64.StdEncoding.DecodeString(text)
		if err != nil || !ok {
			http.Error(w, `{"errors":["invalid ciphertext: SECRET"]}`, http.StatusBadRequest)
			return
		}
		for i := range plain {
			plain[i] ^= 0x5a
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}})
	default:
		http.Error(w, `{"errors":["no such key"]}`, http.StatusBadRequest)
	}
}

func vault(t *testing.T, f *fakeVault, key, token string) *Vault {
	t.Helper()
	f.t = t
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	v, err := ParseVault("hcvault://vault.example.org:8200/transit/keys/" + key)
	if err != nil {
		t.Fatal(err)
	}
	v.Server, v.HTTP, v.Token = s.URL, s.Client(), redact.New(token)
	return &v
}

// A key set that Vault encrypted is opened, rotated and shortened with Vault alone.
func TestKeySetInVault(t *testing.T) {
	v := vault(t, &fakeVault{}, "claimlake", "token")
	text, err := Generate(v)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "encryptedKeyset") {
		t.Errorf("the key set is in the clear: %s", text)
	}
	old, err := Parse(text, v)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := old.Seal([]byte("Jane"), "here")
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := Rotate(text, v)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := Parse(rotated, v)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys.Open(sealed, "here"); string(got) != "Jane" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	short, _, err := Forget(rotated, v, nil)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = Parse(short, v); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(sealed, "here"); !errors.Is(err, ErrSealed) {
		t.Errorf("the old key is not forgotten: %v", err)
	}
	for name, kms := range map[string]*Vault{
		"Vault is down for a moment": vault(t, &fakeVault{fail: []int{503}}, "claimlake", "token"),
	} {
		if _, err := Parse(text, kms); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVaultThatDoesNotOpen(t *testing.T) {
	text, err := Generate(vault(t, &fakeVault{}, "claimlake", "token"))
	if err != nil {
		t.Fatal(err)
	}
	clear, err := Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	gone := vault(t, &fakeVault{}, "claimlake", "token")
	gone.Server = "http://127.0.0.1:1"
	for name, tc := range map[string]struct {
		text []byte
		kms  *Vault
		want string
	}{
		"a token that may not":   {text, vault(t, &fakeVault{}, "claimlake", "other"), "check the token"},
		"another key":            {text, vault(t, &fakeVault{}, "other", "token"), "is it the key"},
		"Vault is sealed":        {text, vault(t, &fakeVault{fail: []int{503, 503, 503}}, "claimlake", "token"), "is it sealed?"},
		"a page in between":      {text, vault(t, &fakeVault{html: true}, "claimlake", "token"), "no JSON"},
		"nobody":                 {text, gone, "does not answer"},
		"a key set in the clear": {clear, vault(t, &fakeVault{}, "claimlake", "token"), "not one that"},
	} {
		_, err := Parse(tc.text, tc.kms)
		if !errors.Is(err, ErrKeys) || !errors.Is(err, ErrKMS) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "token") && tc.want != "check the token" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(text, nil); !errors.Is(err, ErrKeys) {
		t.Errorf("without Vault: %v", err)
	}
	for _, uri := range []string{"https://vault/transit/keys/k", "hcvault://vault/transit/k", "hcvault:///transit/keys/k", "hcvault://u:p@vault/transit/keys/k", "hcvault://vault/keys/k", "hcvault://vault/transit/keys/a/b", "::"} {
		if _, err := ParseVault(uri); !errors.Is(err, ErrKMS) || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

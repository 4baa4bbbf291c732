package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/claimlake/claimlake/extract/redact"
)

// ErrKMS says that the key management service did not open or close a key set.
var ErrKMS = errors.New("the key management service")

// Vault is a key in the transit engine of HashiCorp Vault, with which key sets are
// encrypted. It implements tink.AEAD.
type Vault struct {
	Server string        // such as https://vault.example.org:8200
	Mount  string        // of the engine, such as transit
	Key    string        // its name
	Token  redact.Secret // sent as X-Vault-Token
	HTTP   *http.Client
}

var _ tink.AEAD = (*Vault)(nil)

// vaultScheme is how Tink spells URIs of such keys.
const vaultScheme = "hcvault"

// ParseVault reads where a key is: hcvault://HOST:PORT/MOUNT/keys/NAME. The error says
// what is wrong with the URI.
func ParseVault(uri string) (Vault, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != vaultScheme || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return Vault{}, fmt.Errorf("%w: want %s://HOST:PORT/transit/keys/NAME", ErrKMS, vaultScheme)
	}
	mount, key, ok := strings.Cut(strings.Trim(u.Path, "/"), "/keys/")
	if !ok || mount == "" || key == "" || strings.Contains(key, "/") {
		return Vault{}, fmt.Errorf("%w: want %s://HOST:PORT/transit/keys/NAME", ErrKMS, vaultScheme)
	}
	return Vault{Server: "https://" + u.Host, Mount: mount, Key: key}, nil
}

// Encrypt implements tink.AEAD.
func (v *Vault) Encrypt(plaintext, associated []byte) ([]byte, error) {
	var out struct {
		Data struct {
			Ciphertext string `json:"ciphertext"`
		} `json:"data"`
	}
	err := v.ask("encrypt", request("plaintext", encoded(plaintext), associated), &out)
	if err == nil && out.Data.Ciphertext == "" {
		err = fmt.Errorf("%w gave no ciphertext", ErrKMS)
	}
	return []byte(out.Data.Ciphertext), err
}

// Decrypt implements tink.AEAD.
func (v *Vault) Decrypt(ciphertext, associated []byte) ([]byte, error) {
	var out struct {
		Data struct {
			Plaintext string `json:"plaintext"`
		} `json:"data"`
	}
	if err := v.ask("decrypt", request("ciphertext", string(ciphertext), associated), &out); err != nil {
		return nil, err
	}
	plaintext, err := base64.StdEncoding.DecodeString(out.Data.Plaintext)
	if err != nil || len(plaintext) == 0 {
		return nil, fmt.Errorf("%w gave no plaintext", ErrKMS)
	}
	return plaintext, nil
}

// request is the body of one: keys that take no associated data refuse an empty one too.
func request(name, value string, associated []byte) map[string]string {
	in := map[string]string{name: value}
	if len(associated) > 0 {
		in["associated_data"] = encoded(associated)
	}
	return in
}

func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// Bounds of a request to Vault.
const (
	vaultTries  = 3
	vaultPause  = time.Second
	vaultAnswer = 1 << 20 // bytes
)

// ask sends a request, again where Vault or the network fails. The error never has what
// was sent or answered.
func (v *Vault) ask(operation string, in map[string]string, out any) (err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for try := range vaultTries {
		if try > 0 {
			time.Sleep(vaultPause)
		}
		again := false
		if again, err = v.askOnce(operation, body, out); err == nil || !again {
			break
		}
	}
	return err
}

func (v *Vault) askOnce(operation string, body []byte, out any) (again bool, err error) {
	target := v.Server + "/v1/" + v.Mount + "/" + operation + "/" + url.PathEscape(v.Key)
	req, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body)) //nolint:noctx // Tink's interface has none
	if err != nil {
		return false, fmt.Errorf("%w: its address is not one", ErrKMS)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vault-Token", v.Token.Reveal())
	res, err := v.HTTP.Do(req)
	if err != nil {
		return true, fmt.Errorf("%w at %s does not answer: %w", ErrKMS, v.Server, redact.Cause(err))
	}
	defer res.Body.Close() //nolint:errcheck // read only
	switch {
	case res.StatusCode == http.StatusForbidden:
		return false, fmt.Errorf("%w at %s refuses to %s with the key %s: check the token and its policy", ErrKMS, v.Server, operation, v.Key)
	case res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests:
		return true, fmt.Errorf("%w at %s answers %d: is it sealed?", ErrKMS, v.Server, res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%w at %s answers %d to %s with the key %s: is it the key that the key set was made with, and is its type aes256-gcm96?", ErrKMS, v.Server, res.StatusCode, operation, v.Key)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, vaultAnswer)).Decode(out); err != nil {
		return false, fmt.Errorf("%w at %s gives no JSON: is there something in between?", ErrKMS, v.Server)
	}
	return false, nil
}

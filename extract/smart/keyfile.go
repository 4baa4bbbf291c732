package smart

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/go-jose/go-jose/v4"
)

const maxKeyFileBytes = 1 << 20

// ErrReadableByOthers says that a file with a secret has too wide a mode.
var ErrReadableByOthers = errors.New("others may read it: chmod 600 it")

// LoadKey reads a private key from a PEM file (PKCS #1, PKCS #8 or EC), a JWK or
// a JWKS. id is the kid to choose or to give; "" for the file's only key and its
// own id, or its thumbprint where it has none. The error never quotes the file;
// it is ErrReadableByOthers where its mode lets group or world read it.
func LoadKey(path, id string) (*Key, error) {
	data, err := ReadPrivate(path)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(data, id)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// ReadPrivate reads a small file that nobody else may read, such as one with a
// key, a client secret or a token.
func ReadPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open secret: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open secret: %w", err)
	}
	// Windows has no such mode bits: Go reports 0666 for every file there.
	if st.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s: %w", path, ErrReadableByOthers)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return data, nil
}

func parseKey(data []byte, id string) (*Key, error) {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return parseJWK(data, id)
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		private, err := parsePEM(block)
		if err != nil {
			return nil, err
		}
		if private != nil {
			return newKey(private, id)
		}
	}
	return nil, errors.New("no private key in it: it must be PEM (PKCS #1, PKCS #8 or EC), JWK or JWKS")
}

// parsePEM gives a block's private key; nil for a block of another kind, such as
// the parameters that openssl writes before an EC key.
func parsePEM(block *pem.Block) (private any, err error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the key is encrypted: store it without a passphrase, mode 0600")
	}
	if block.Headers["DEK-Info"] != "" {
		return nil, errors.New("the key is encrypted: store it without a passphrase, mode 0600")
	}
	if err != nil {
		return nil, fmt.Errorf("damaged %s", block.Type)
	}
	return private, nil
}

// parseJWK reads a JWK or a JWKS (RFC 7517).
func parseJWK(data []byte, id string) (*Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("damaged JSON")
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{data}
	}
	var found []jose.JSONWebKey
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if err := k.UnmarshalJSON(raw); err != nil {
			return nil, errors.New("damaged JWK")
		}
		// A kid that is asked for gives a name to a single key without one.
		if !k.IsPublic() && (id == "" || k.KeyID == id || k.KeyID == "" && len(set.Keys) == 1) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d private keys in it that could be meant: name one by its kid", len(found))
	}
	if id == "" {
		id = found[0].KeyID
	}
	return newKey(found[0].Key, id)
}

package smart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func block(t *testing.T, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func jwks(t *testing.T, keys ...jose.JSONWebKey) []byte {
	t.Helper()
	out, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLoadKey(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, ecErr := x509.MarshalECPrivateKey(ecKey)
	weak, weakErr := x509.MarshalECPrivateKey(p256)
	pkcs8, pkcs8Err := x509.MarshalPKCS8PrivateKey(ecKey)
	public, publicErr := x509.MarshalPKIXPublicKey(ecKey.Public())
	a, b := jose.JSONWebKey{Key: ecKey, KeyID: "a"}, jose.JSONWebKey{Key: rsaKey, KeyID: "b"}
	single, err := json.Marshal(jose.JSONWebKey{Key: ecKey})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		file      []byte
		id        string
		algorithm string
		wantID    string // "" for a thumbprint
		err       string
	}{
		"PKCS #1":                          {file: block(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), id: "k", algorithm: RS384, wantID: "k"},
		"PKCS #8":                          {file: block(t, "PRIVATE KEY", pkcs8, pkcs8Err), algorithm: ES384},
		"EC after its parameters":          {file: append(block(t, "EC PARAMETERS", []byte{6}, nil), block(t, "EC PRIVATE KEY", ec, ecErr)...), algorithm: ES384},
		"JWK without an id":                {file: single, id: "mine", algorithm: ES384, wantID: "mine"},
		"JWKS, by kid":                     {file: jwks(t, a, b), id: "b", algorithm: RS384, wantID: "b"},
		"JWKS, the only private key":       {file: jwks(t, a, b.Public()), algorithm: ES384, wantID: "a"},
		"JWKS with two, none named":        {file: jwks(t, a, b), err: "2 private keys"},
		"JWKS without the one named":       {file: jwks(t, a, b), id: "c", err: "0 private keys"},
		"a public key":                     {file: block(t, "PUBLIC KEY", public, publicErr), err: "no private key"},
		"an EC key that ES384 cannot use":  {file: block(t, "EC PRIVATE KEY", weak, weakErr), err: "P-384"},
		"an encrypted key":                 {file: block(t, "ENCRYPTED PRIVATE KEY", []byte{1}, nil), err: "encrypted"},
		"a damaged key":                    {file: block(t, "PRIVATE KEY", []byte("secret"), nil), err: "damaged PRIVATE KEY"},
		"damaged JSON":                     {file: []byte(`{"kty":"EC","d":"secret`), err: "damaged JSON"},
		"something else":                   {file: []byte("secret"), err: "no private key"},
		"a key of a kind that cannot sign": {file: []byte(`{"kty":"oct","k":"c2VjcmV0"}`), err: "not a private RSA or EC key"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, tc.file, 0o600); err != nil {
				t.Fatal(err)
			}
			k, err := LoadKey(path, tc.id)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "secret") {
					t.Fatalf("error %v, want %s", err, tc.err)
				}
				return
			}
			if err != nil || k.Algorithm() != tc.algorithm || tc.wantID != "" && k.ID != tc.wantID || k.ID == "" {
				t.Errorf("%v, %v", k, err)
			}
		})
	}
}

func TestKeyFileThatOthersMayReadIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o777} {
		path := filepath.Join(t.TempDir(), "key")
		if err := errors.Join(os.WriteFile(path, []byte("x"), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path, ""); !errors.Is(err, ErrReadableByOthers) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestGeneratedKeyComesBackFromItsFile(t *testing.T) {
	for algorithm, k := range newKeys(t) {
		out, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseKey(out, "")
		if err != nil || again.ID != k.ID || again.Algorithm() != algorithm {
			t.Errorf("%v, %v", again, err)
		}
	}
	if _, err := GenerateKey("HS256"); err == nil {
		t.Error("a key for HS256")
	}
}

func TestPublicJWKSHoldsNoPrivatePart(t *testing.T) {
	keys := newKeys(t)
	out, err := PublicJWKS(keys[RS384], keys[ES384])
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(out, &set); err != nil || len(set.Keys) != 2 {
		t.Fatal(err, len(set.Keys))
	}
	for _, k := range set.Keys {
		algorithm, _ := k["alg"].(string)
		if k["kid"] != keys[algorithm].ID || k["use"] != "sig" {
			t.Errorf("%v", k)
		}
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi"} {
			if _, ok := k[private]; ok {
				t.Errorf("%s shows %q", algorithm, private)
			}
		}
	}
}

func TestKeyPrintsAsItsID(t *testing.T) {
	k := newKey384(t)
	type holder struct{ Key, hidden *Key }
	private, ok := k.signer.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatal("not an EC key")
	}
	d, err := private.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	marshalled, err := json.Marshal(holder{k, k})
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %+v %#v", k, k, k, k, holder{k, k}, holder{k, k}) + string(marshalled)
	if !strings.Contains(printed, k.ID) || strings.Contains(printed, fmt.Sprintf("%x", d)) || strings.Contains(printed, fmt.Sprintf("%v", d)) || strings.Contains(printed, "Curve") {
		t.Errorf("%s", printed)
	}
}

package smart

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"
)

// The signature algorithms of SMART App Launch.
const (
	RS384 = "RS384"
	ES384 = "ES384"
)

const minRSABits = 2048

// Key is a private key that signs assertions. It prints as its id.
type Key struct {
	ID     string // kid: how the server finds the public key
	SetURL string // jku: where the server finds the key set; "" where it was registered by hand
	signer crypto.Signer
}

// Format implements fmt.Formatter.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "key "+k.ID) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog.
func (k *Key) MarshalText() ([]byte, error) { return []byte("key " + k.ID), nil }

// Algorithm is RS384 or ES384.
func (k *Key) Algorithm() string {
	if _, ok := k.signer.(*ecdsa.PrivateKey); ok {
		return ES384
	}
	return RS384
}

// GenerateKey makes a key for RS384 (3072 bits) or ES384 (P-384).
func GenerateKey(algorithm string) (*Key, error) {
	var signer crypto.Signer
	var err error
	switch algorithm {
	case RS384:
		signer, err = rsa.GenerateKey(rand.Reader, 3072)
	case ES384:
		signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		return nil, fmt.Errorf("no such signature algorithm: choose %s or %s", RS384, ES384)
	}
	if err != nil {
		return nil, fmt.Errorf("generate a key: %w", err)
	}
	return newKey(signer, "")
}

// newKey checks that a key may be used. Without an id it gets its thumbprint
// (RFC 7638), so that signing and PublicJWKS agree on one.
func newKey(private any, id string) (*Key, error) {
	var signer crypto.Signer
	switch p := private.(type) {
	case *rsa.PrivateKey:
		if p.N.BitLen() < minRSABits {
			return nil, fmt.Errorf("the RSA key has %d bits: SMART needs %d or more", p.N.BitLen(), minRSABits)
		}
		signer = p
	case *ecdsa.PrivateKey:
		if p.Curve != elliptic.P384() {
			return nil, fmt.Errorf("the EC key is on %s: ES384 needs P-384", p.Params().Name)
		}
		signer = p
	default:
		return nil, errors.New("not a private RSA or EC key")
	}
	if id == "" {
		sum, err := (&jose.JSONWebKey{Key: signer.Public()}).Thumbprint(crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("thumbprint of the key: %w", err)
		}
		id = base64.RawURLEncoding.EncodeToString(sum)
	}
	return &Key{ID: id, signer: signer}, nil
}

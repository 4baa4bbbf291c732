package transport

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/extract/redact"
)

// Pin is the SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7469 §2.4).
type Pin [sha256.Size]byte

// PinOf is the pin of a certificate's public key.
func PinOf(c *x509.Certificate) Pin { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// String is the pin in base64, as it is configured.
func (p Pin) String() string { return base64.StdEncoding.EncodeToString(p[:]) }

// ParsePin reads a pin in base64, also as curl writes it, with sha256// before.
func ParsePin(text string) (Pin, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "sha256//"))
	if err != nil || len(raw) != sha256.Size {
		return Pin{}, errors.New("want the base64 of a public key's SHA-256, 44 characters; claimlake source check prints those of the server")
	}
	return Pin(raw), nil
}

const errPin = redact.Public("no certificate of the server has a pinned public key: has the server new keys, or is somebody in between? " +
	"If its operator confirms the keys, set source.tls.pin_sha256")

// pinned refuses a connection unless one of the keys in a verified chain is pinned.
func pinned(pins []Pin) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		for _, chain := range s.VerifiedChains {
			for _, c := range chain {
				if slices.Contains(pins, PinOf(c)) {
					return nil
				}
			}
		}
		return errPin
	}
}

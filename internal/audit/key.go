package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/durable"
)

// KeyName is the signing key in the trail's folder, PublicName its public half.
const (
	KeyName    = "signing.key"
	PublicName = "signing.pub"
)

// ErrKey says that there is no signing key, or none that can be used.
var ErrKey = errors.New("the audit trail's signing key")

// newKey makes a signing key (Ed25519) in a file, mode 0600, where there is none.
func newKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return write(path, &pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// writePublic writes the public half of a key next to it, with the extension .pub, if it
// is not there: after a crash, only the key may be.
func writePublic(path string, public ed25519.PublicKey) error {
	if _, err := os.Stat(publicPath(path)); err == nil {
		return nil
	}
	open, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return write(publicPath(path), &pem.Block{Type: "PUBLIC KEY", Bytes: open})
}

// publicPath is where the public half of a key is.
func publicPath(path string) string {
	return path[:len(path)-len(filepath.Ext(path))] + ".pub"
}

func write(path string, block *pem.Block) error {
	if err := durable.Write(path, pem.EncodeToMemory(block)); err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return nil
}

// loadKey reads a signing key. A file that others may read is refused.
func loadKey(path string) (ed25519.PrivateKey, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s: others may read it: chmod 600 it", ErrKey, path)
	}
	der, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if private, ok := key.(ed25519.PrivateKey); ok && err == nil {
		return private, nil
	}
	return nil, fmt.Errorf("%w: %s holds no Ed25519 key", ErrKey, path)
}

// loadPublic reads the public half of a signing key.
func loadPublic(path string) (ed25519.PublicKey, error) {
	der, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if public, ok := key.(ed25519.PublicKey); ok && err == nil {
		return public, nil
	}
	return nil, fmt.Errorf("%w: %s holds no Ed25519 public key", ErrKey, path)
}

func readPEM(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: %s is not PEM", ErrKey, path)
	}
	return block.Bytes, nil
}

package setup

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/seal"
)

// SealKeys reads the configured key set; nil where nothing is to be sealed.
func SealKeys(c config.Seal) (*seal.Keys, error) {
	if c.KeyFile == "" && c.KeyEnv == "" {
		return nil, nil
	}
	text, err := Secret(c.KeyFile, c.KeyEnv)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", seal.ErrKeys, err)
	}
	kms, err := KMS(c)
	if err != nil {
		return nil, err
	}
	return seal.Parse([]byte(text), kms)
}

// KMS is the key that the configured key set is encrypted with; nil for none.
func KMS(c config.Seal) (tink.AEAD, error) {
	if c.KMS == "" {
		return nil, nil
	}
	v, err := seal.ParseVault(c.KMS)
	if err != nil {
		return nil, fmt.Errorf("seal.kms: %w", err)
	}
	token, err := Secret(c.KMSTokenFile, c.KMSTokenEnv)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", seal.ErrKMS, err)
	}
	v.Token = redact.New(token)
	if v.HTTP, err = ClientTo(v.Server, c.KMSCAFile); err != nil {
		return nil, fmt.Errorf("seal.kms: %w", err)
	}
	return &v, nil
}

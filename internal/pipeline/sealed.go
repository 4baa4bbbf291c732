package pipeline

import (
	"fmt"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/seal"
)

// SealKeys reads the configured key set; nil where nothing is to be sealed.
func SealKeys(c config.Seal) (*seal.Keys, error) {
	if c.KeyFile == "" && c.KeyEnv == "" {
		return nil, nil
	}
	text, err := secret(c.KeyFile, c.KeyEnv)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", seal.ErrKeys, err)
	}
	return seal.Parse([]byte(text))
}

package setup

import (
	"fmt"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/hook"
)

// Hooks are the configured hooks, with their secrets. It asks nobody yet.
func Hooks(list []config.Hook) (hooks []hook.Hook, err error) {
	for _, c := range list {
		h := hook.Hook{Name: c.Name, URL: c.URL, Command: c.Command}
		if c.URL != "" {
			if h.HTTP, err = ClientTo(c.URL, c.CAFile); err != nil {
				return nil, fmt.Errorf("hook %s: %w", c.Name, err)
			}
		}
		if c.SecretFile != "" || c.SecretEnv != "" {
			text, err := Secret(c.SecretFile, c.SecretEnv)
			if err != nil {
				return nil, fmt.Errorf("hook %s: %w", c.Name, err)
			}
			h.Secret = redact.New(text)
		}
		hooks = append(hooks, h)
	}
	return hooks, nil
}

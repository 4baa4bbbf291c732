package pipeline

import (
	"fmt"
	"net/url"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/hook"
	"github.com/claimlake/claimlake/internal/transport"
)

// HooksOf are the configured hooks, with their secrets. It asks nobody yet.
func HooksOf(list []config.Hook) (hooks []hook.Hook, err error) {
	for _, c := range list {
		h := hook.Hook{Name: c.Name, URL: c.URL, Command: c.Command}
		if c.URL != "" {
			u, err := url.Parse(c.URL)
			if err != nil {
				return nil, fmt.Errorf("hook %s: its URL is not one", c.Name)
			}
			if h.HTTP, err = transport.New(transport.Options{BaseURL: c.URL, CAFile: c.CAFile, Hosts: []string{u.Hostname()}}); err != nil {
				return nil, fmt.Errorf("hook %s: %w", c.Name, err)
			}
		}
		if c.SecretFile != "" || c.SecretEnv != "" {
			text, err := secret(c.SecretFile, c.SecretEnv)
			if err != nil {
				return nil, fmt.Errorf("hook %s: %w", c.Name, err)
			}
			h.Secret = redact.New(text)
		}
		hooks = append(hooks, h)
	}
	return hooks, nil
}

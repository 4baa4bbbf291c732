package setup

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/config"
)

// Tokens is how the configuration says to authenticate; nil for not at all.
func Tokens(s config.Source, types []string, narrow bool, h *http.Client, log *slog.Logger, userAgent string) (extract.TokenSource, error) {
	a := s.Auth
	switch a.Type {
	case "none":
		return nil, nil
	case "bearer":
		token, err := Secret(a.SecretFile, a.SecretEnv)
		return smart.Bearer{Secret: redact.New(token)}, err
	}
	credential, err := credential(a)
	if err != nil {
		return nil, err
	}
	source, err := smart.New(smart.Options{
		BaseURL: s.URL, HTTP: h, ClientID: a.ClientID, Credential: credential, TokenURL: a.TokenURL,
		Scopes: a.Scopes, Types: types, Narrow: narrow, UserAgent: userAgent, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return source, nil
}

func credential(a config.Auth) (smart.Credential, error) {
	if a.Type == "basic" {
		text, err := Secret(a.SecretFile, a.SecretEnv)
		return smart.ClientSecret{Secret: redact.New(text)}, err
	}
	key, err := smart.LoadKey(a.KeyFile, a.KeyID)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// Secret reads a secret from where the configuration says it is: a file that only
// its owner may read, or the environment.
func Secret(file, variable string) (string, error) {
	if file == "" {
		value, ok := os.LookupEnv(variable)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set", variable)
		}
		return value, nil
	}
	text, err := smart.ReadPrivate(file)
	return strings.TrimSpace(string(text)), err
}

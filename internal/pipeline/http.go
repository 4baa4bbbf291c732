package pipeline

import (
	"fmt"
	"net/http"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/transport"
)

// httpClient is what all requests of a source go through.
func httpClient(s config.Source) (*http.Client, error) {
	pins, err := s.TLS.Pins()
	if err != nil {
		return nil, fmt.Errorf("source.tls.pin_sha256: %w", err)
	}
	return transport.New(transport.Options{
		BaseURL: s.URL, CAFile: s.TLS.CAFile, CertFile: s.TLS.CertFile, KeyFile: s.TLS.KeyFile,
		Pins: pins, AllowInsecureHTTP: s.TLS.AllowInsecureHTTP,
	})
}

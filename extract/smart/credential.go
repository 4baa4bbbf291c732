package smart

import (
	"net/http"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Credential proves to a token endpoint who the client is: a Key or a
// ClientSecret.
type Credential interface {
	// sign adds the proof to a token request: to its form or its header.
	sign(form url.Values, header http.Header, clientID, endpoint string) error
}

// ClientSecret is a secret for HTTP Basic at the token endpoint (RFC 6749 §2.3.1).
type ClientSecret struct{ redact.Secret }

func (s ClientSecret) sign(_ url.Values, header http.Header, clientID, _ string) error {
	// Not escaped as RFC 6749 asks: servers in the field do not unescape.
	req := http.Request{Header: header}
	req.SetBasicAuth(clientID, s.Reveal())
	return nil
}

func (k *Key) sign(form url.Values, _ http.Header, clientID, endpoint string) error {
	assertion, err := k.assertion(clientID, endpoint, time.Now())
	if err != nil {
		return err
	}
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	return nil
}

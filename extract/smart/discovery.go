package smart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/claimlake/claimlake/extract/redact"
)

const maxBodyBytes = 16 << 20 // a large CapabilityStatement has some MB

// errNoEndpoint says that neither place of discovery names a token endpoint.
var errNoEndpoint = errors.New("the server does not tell its token endpoint: set the token URL")

// Configuration is what a server tells of its authorization (SMART App Launch,
// "Conformance").
type Configuration struct {
	TokenEndpoint string   `json:"token_endpoint"`
	Capabilities  []string `json:"capabilities"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// v2 reports whether the server understands scopes such as system/Patient.rs.
func (c Configuration) v2() bool { return slices.Contains(c.Capabilities, "permission-v2") }

// Discover asks the FHIR server at base, first for its smart-configuration, then
// for its CapabilityStatement. The error is an *Error.
func Discover(ctx context.Context, h *http.Client, base, userAgent string) (Configuration, error) {
	d := discovery{http: h, userAgent: userAgent}
	var c Configuration
	err := d.get(ctx, base+"/.well-known/smart-configuration", "application/json", &c)
	if err == nil && c.TokenEndpoint != "" {
		return c, nil
	}
	var s capabilityStatement
	if fallback := d.get(ctx, base+"/metadata", "application/fhir+json", &s); fallback != nil {
		if err == nil {
			err = fallback
		}
		return c, err
	}
	if c.TokenEndpoint = s.tokenEndpoint(); c.TokenEndpoint == "" {
		return c, &Error{Err: errNoEndpoint}
	}
	return c, nil
}

// capabilityStatement is the part that SMART used before smart-configuration.
type capabilityStatement struct {
	Rest []struct {
		Security struct {
			Extension []struct {
				URL       string
				Extension []struct {
					URL      string
					ValueURI string `json:"valueUri"`
				}
			}
		}
	}
}

func (s capabilityStatement) tokenEndpoint() string {
	for _, rest := range s.Rest {
		for _, e := range rest.Security.Extension {
			if e.URL != "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris" {
				continue
			}
			for _, uri := range e.Extension {
				if uri.URL == "token" {
					return uri.ValueURI
				}
			}
		}
	}
	return ""
}

// discovery reads what a server says of itself.
type discovery struct {
	http      *http.Client
	userAgent string // "" for net/http's
}

func (d discovery) get(ctx context.Context, address, mediaType string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return &Error{Err: errors.New("the FHIR base URL is not a URL")}
	}
	req.Header.Set("Accept", mediaType)
	if d.userAgent != "" {
		req.Header.Set("User-Agent", d.userAgent)
	}
	res, err := d.http.Do(req)
	if err != nil {
		return &Error{Err: fmt.Errorf("discover %s: %w", redact.URL(req.URL), redact.Cause(err)), Unreachable: true}
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if res.StatusCode != http.StatusOK {
		e := refusal(res, "")
		e.Err = fmt.Errorf("discover %s", redact.URL(req.URL))
		return e
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBodyBytes)).Decode(into); err != nil {
		return &Error{Status: res.StatusCode, Err: fmt.Errorf("discover %s: not the JSON it should be: is the base URL right?", redact.URL(req.URL))}
	}
	return nil
}

// check refuses a token endpoint that a credential must not be sent to. An assertion is
// good at one endpoint only. A secret is good everywhere, so that a server which is not
// the source's own must be configured to get it.
func (c Configuration) check(base *url.URL, credential Credential, configured bool) error {
	u, err := url.Parse(c.TokenEndpoint)
	_, secret := credential.(ClientSecret)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return &Error{Err: errors.New("the token endpoint is not an absolute http(s) URL: set the token URL")}
	case u.Scheme == "http" && base.Scheme == "https":
		return &Error{Err: fmt.Errorf("the token endpoint %s is not https: credentials are not sent in the clear", redact.URL(u))}
	case secret && !configured && !SameOrigin(u, base):
		return &Error{Err: fmt.Errorf("the server names %s as its token endpoint, on another host than its own: the secret is not sent there; set the token URL if it is the right one", redact.URL(u))}
	}
	return nil
}

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
func Discover(ctx context.Context, h *http.Client, base string) (Configuration, error) {
	var c Configuration
	err := getJSON(ctx, h, base+"/.well-known/smart-configuration", &c)
	if err == nil && c.TokenEndpoint != "" {
		return c, nil
	}
	var s capabilityStatement
	if fallback := getJSON(ctx, h, base+"/metadata", &s); fallback != nil {
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

func getJSON(ctx context.Context, h *http.Client, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return &Error{Err: errors.New("the FHIR base URL is not a URL")}
	}
	req.Header.Set("Accept", "application/json, application/fhir+json")
	res, err := h.Do(req)
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

// check refuses a token endpoint that credentials must not be sent to.
func (c Configuration) check(base *url.URL) error {
	u, err := url.Parse(c.TokenEndpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return &Error{Err: errors.New("the token endpoint is not an absolute http(s) URL: set the token URL")}
	case u.Scheme == "http" && base.Scheme == "https":
		return &Error{Err: fmt.Errorf("the token endpoint %s is not https: credentials are not sent in the clear", redact.URL(u))}
	}
	return nil
}

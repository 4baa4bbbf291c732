package config

import (
	"strings"
	"testing"
)

func TestTLS(t *testing.T) {
	const pin, next = "d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM=", "uUwZgwDOxcBXrQcntwu+kYFpkiVkOaezL0WYEZ3anJc="
	for name, tc := range map[string]struct {
		url, tls string
		want     string // "" for valid
	}{
		"plain http to another machine":     {"http://fhir.example.org/r4", "", "c.yaml:3:8: source.url: plain http"},
		"plain http, allowed":               {"http://fhir.example.org/r4", "allow_insecure_http: true", ""},
		"plain http to this machine":        {"http://127.0.0.1:8090", "", ""},
		"two pins":                          {"https://h/r4", "pin_sha256: [" + pin + ", " + next + "]", ""},
		"one pin":                           {"https://h/r4", "pin_sha256: [" + pin + "]", "c.yaml:5:17: source.tls.pin_sha256: a single pin"},
		"the same pin twice":                {"https://h/r4", "pin_sha256: [" + pin + ", " + pin + "]", "a single pin"},
		"a pin that is none":                {"https://h/r4", "pin_sha256: [" + pin + ", abc]", "c.yaml:5:64: source.tls.pin_sha256[1]: want the base64"},
		"a client certificate without key":  {"https://h/r4", "cert_file: c.pem", "c.yaml:5:16: source.tls.cert_file: cert_file and key_file go together"},
		"a client certificate and its key":  {"https://h/r4", "{cert_file: c.pem, key_file: c.key}", ""},
		"authorities of the user's own":     {"https://h/r4", "ca_file: ca.pem", ""},
		"a key that belongs somewhere else": {"https://h/r4", "insecure_skip_verify: true", "unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			src := "source:\n  name: p\n  url: " + tc.url + "\n"
			if tc.tls != "" {
				src += "  tls:\n    " + tc.tls + "\n"
			}
			_, err := Parse("c.yaml", []byte(src))
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
	_, err := Parse("c.yaml", []byte("source:\n  name: p\n  url: https://h\n  auth:\n    token_url: http://t.example.org/token\n"))
	if err == nil || !strings.Contains(err.Error(), "c.yaml:5:16: source.auth.token_url: plain http") {
		t.Errorf("error %v", err)
	}
}

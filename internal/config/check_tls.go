package config

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/claimlake/claimlake/internal/transport"
)

func checkTLS(s Source) (m []mistake) {
	t := s.TLS
	if !t.AllowInsecureHTTP {
		for _, u := range []struct{ key, text string }{{"source.url", s.URL}, {"source.auth.token_url", s.Auth.TokenURL}} {
			if insecure(u.text) {
				m = append(m, mistake{u.key, "plain http, which anybody in between can read: use https, or set source.tls.allow_insecure_http"})
			}
		}
	}
	return append(m, checkCertificates("source", t)...)
}

// checkCertificates checks the certificates and pins of a part of the configuration.
func checkCertificates(of string, t TLS) (m []mistake) {
	if (t.CertFile == "") != (t.KeyFile == "") {
		m = append(m, mistake{of + ".tls.cert_file", "cert_file and key_file go together"})
	}
	return append(m, checkPins(of+".tls.pin_sha256", t.PinSHA256)...)
}

// insecure reports whether a URL is plain http to another machine.
func insecure(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "http" && u.Host != "" && !transport.Loopback(u.Hostname())
}

// checkPins wants a second pin (RFC 7469 §2.5): with one, the server's next key
// ends all syncs.
func checkPins(key string, pins []string) (m []mistake) {
	for i, text := range pins {
		if _, err := transport.ParsePin(text); err != nil {
			m = append(m, mistake{fmt.Sprintf("%s[%d]", key, i), err.Error()})
		}
	}
	if len(pins) > 0 && len(slices.Compact(slices.Sorted(slices.Values(pins)))) < 2 {
		m = append(m, mistake{key, "a single pin fails when the server changes its key: add that of its next key or of its issuer"})
	}
	return m
}

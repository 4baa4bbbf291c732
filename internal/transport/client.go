package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/claimlake/claimlake/extract/smart"
)

// Options are the rules of one FHIR server. Only BaseURL is needed.
type Options struct {
	BaseURL  string // the FHIR base URL, whose host the pins are for
	CAFile   string // PEM: certificate authorities to trust in addition to the system's
	CertFile string // PEM: the client certificate, with its chain
	KeyFile  string // PEM: its private key, mode 0600
	Pins     []Pin  // one must be in the FHIR server's chain; none: not asked for
	// Hosts are those that the configuration names in addition to the FHIR server's, without
	// port. They may have any address; others, to which manifests and redirects lead,
	// must not be in a private network.
	Hosts []string
	// AllowInsecureHTTP lets plain http leave this machine.
	AllowInsecureHTTP bool
}

// New makes the client. It reads the files and asks no server. The error says
// which file cannot be used; it never quotes one.
func New(o Options) (*http.Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, errors.New("the FHIR base URL is not a URL")
	}
	c, err := o.unpinned()
	if err != nil {
		return nil, err
	}
	r := rules{host: base.Hostname(), others: transport(c), named: map[string]bool{}, allowHTTP: o.AllowInsecureHTTP}
	for _, host := range o.Hosts {
		r.named[strings.ToLower(host)] = true
	}
	r.server, r.links = r.others, public(transport(c))
	if len(o.Pins) > 0 {
		c = c.Clone()
		c.VerifyConnection = pinned(o.Pins)
		r.server = transport(c)
	}
	return &http.Client{Transport: r}, nil
}

// unpinned is the TLS that all servers are met with.
func (o Options) unpinned() (c *tls.Config, err error) {
	c = &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		if c.RootCAs, err = authorities(o.CAFile); err != nil {
			return nil, err
		}
	}
	if o.CertFile != "" {
		certificate, err := clientCertificate(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{certificate}
	}
	return c, nil
}

// TLS is the same for a server that is not spoken to by HTTP, with its pins. Of the
// options CAFile, CertFile, KeyFile and Pins count.
func TLS(o Options) (*tls.Config, error) {
	c, err := o.unpinned()
	if err == nil && len(o.Pins) > 0 {
		c.VerifyConnection = pinned(o.Pins)
	}
	return c, err
}

func transport(c *tls.Config) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = c
	return t
}

// authorities are the system's and those in the file.
func authorities(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without any
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authorities: no certificate in %s: it must be PEM", path)
	}
	return pool, nil
}

func clientCertificate(certFile, keyFile string) (tls.Certificate, error) {
	certificate, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("client certificate: %w", err)
	}
	key, err := smart.ReadPrivate(keyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key of the client certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("client certificate %s and key %s: %w", certFile, keyFile, err)
	}
	return pair, nil
}

package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// authority issues certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // its own certificate, PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	must(t, err)
	a.cert, err = x509.ParseCertificate(der)
	must(t, err)
	a.file = write(t, "ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// issue gives a certificate that ends at the given time, for servers and clients.
func (a *authority) issue(until time.Time) tls.Certificate {
	a.t.Helper()
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert, &key.PublicKey, a.key)
	must(a.t, err)
	leaf, err := x509.ParseCertificate(der)
	must(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// serve starts a TLS server and gives its URL.
func serve(t *testing.T, c *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.TLS = c
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func write(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

// files are a certificate and its key as PEM files.
func files(t *testing.T, c tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(c.PrivateKey.(*ecdsa.PrivateKey))
	must(t, err)
	return write(t, "client.pem", "CERTIFICATE", c.Certificate[0]), write(t, "client.key", "EC PRIVATE KEY", der)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get asks once, by the rules.
func get(t *testing.T, o Options) error {
	t.Helper()
	h, err := New(o)
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.BaseURL, http.NoBody)
	must(t, err)
	res, err := h.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func TestWhomWeTalkTo(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	good, expired := ca.issue(time.Now().Add(time.Hour)), ca.issue(time.Now().Add(-time.Hour))
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	cert, key := files(t, ca.issue(time.Now().Add(time.Hour)))
	unknownCert, unknownKey := files(t, stranger.issue(time.Now().Add(time.Hour)))
	strangersPin, goodPin, caPin := PinOf(stranger.cert), PinOf(good.Leaf), PinOf(ca.cert)

	plain := &tls.Config{Certificates: []tls.Certificate{good}}
	mutual := &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	for name, tc := range map[string]struct {
		server *tls.Config
		o      Options
		want   string // in the error; "" for none
	}{
		"an authority of our own":              {plain, Options{CAFile: ca.file}, ""},
		"an authority that nobody named":       {plain, Options{}, "signed by unknown authority"},
		"an expired certificate":               {&tls.Config{Certificates: []tls.Certificate{expired}}, Options{CAFile: ca.file}, "expired"},
		"TLS 1.1 only":                         {&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, Options{CAFile: ca.file}, "1.2"},
		"TLS 1.2 only":                         {&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, Options{CAFile: ca.file}, ""},
		"the pinned key":                       {plain, Options{CAFile: ca.file, Pins: []Pin{goodPin, strangersPin}}, ""},
		"the backup pin":                       {plain, Options{CAFile: ca.file, Pins: []Pin{strangersPin, goodPin}}, ""},
		"the issuer's key is pinned":           {plain, Options{CAFile: ca.file, Pins: []Pin{caPin, strangersPin}}, ""},
		"wrong pins":                           {plain, Options{CAFile: ca.file, Pins: []Pin{strangersPin, {}}}, "pinned public key"},
		"a pin does not replace trust":         {plain, Options{Pins: []Pin{goodPin, caPin}}, "signed by unknown authority"},
		"the client certificate is asked":      {mutual, Options{CAFile: ca.file, CertFile: cert, KeyFile: key}, ""},
		"the client certificate is missing":    {mutual, Options{CAFile: ca.file}, "source.tls.cert_file"},
		"a client certificate of a stranger's": {mutual, Options{CAFile: ca.file, CertFile: unknownCert, KeyFile: unknownKey}, "client certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.o.BaseURL = serve(t, tc.server)
			err := get(t, tc.o)
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
			if _, final := errors.AsType[redact.Public](err); err != nil && !final {
				t.Errorf("%v would be tried again", err)
			}
		})
	}
}

// The hosts of files have keys of their own.
func TestPinsAreForTheFHIRServer(t *testing.T) {
	ca := newAuthority(t)
	files := serve(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(time.Now().Add(time.Hour))}})
	h, err := New(Options{BaseURL: "https://fhir.example.org/r4", CAFile: ca.file, Pins: []Pin{{1}, {2}}, Hosts: []string{"127.0.0.1"}})
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, files, http.NoBody)
	must(t, err)
	res, err := h.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	must(t, res.Body.Close())
}

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/metadata", http.StatusFound)
	}))
	defer s.Close()
	for name, o := range map[string]Options{
		"another host":             {BaseURL: "http://192.0.2.1/metadata"},
		"a redirect to such a one": {BaseURL: s.URL}, // itself is loopback, and answers
	} {
		t.Run(name, func(t *testing.T) {
			if err := get(t, o); !errors.Is(err, errPlain) {
				t.Errorf("error %v", err)
			}
		})
	}
	sent := false
	allowed := rules{allowHTTP: true, links: roundTrip(func(*http.Request) (*http.Response, error) {
		sent = true
		return nil, io.ErrUnexpectedEOF
	})}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://192.0.2.1/metadata", http.NoBody)
	if _, err := allowed.RoundTrip(req); !sent || !errors.Is(err, io.ErrUnexpectedEOF) { //nolint:bodyclose // there is none
		t.Errorf("sent %v, error %v", sent, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.8.8": true, "::1": true,
		"example.org": false, "10.0.0.1": false, "localhost.example.org": false, "": false,
	} {
		if Loopback(host) != want {
			t.Errorf("%q is loopback: want %v", host, want)
		}
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	ca := newAuthority(t)
	cert, key := files(t, ca.issue(time.Now().Add(time.Hour)))
	_, otherKey := files(t, ca.issue(time.Now().Add(time.Hour)))
	_, openKey := files(t, ca.issue(time.Now().Add(time.Hour)))
	must(t, os.Chmod(openKey, 0o644)) //nolint:gosec // what the test is about
	for name, tc := range map[string]struct {
		o    Options
		want string
	}{
		"no such CA file":          {Options{CAFile: "none.pem"}, "none.pem"},
		"a CA file without any":    {Options{CAFile: key}, "no certificate in"},
		"another certificate's":    {Options{CertFile: cert, KeyFile: otherKey}, "does not match"},
		"a key others may read":    {Options{CertFile: cert, KeyFile: openKey}, "chmod 600"},
		"no such certificate file": {Options{CertFile: "none.pem", KeyFile: key}, "none.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(tc.o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestParsePin(t *testing.T) {
	want := PinOf(newAuthority(t).cert)
	for text, ok := range map[string]bool{
		want.String(): true, "sha256//" + want.String(): true,
		"": false, "abc": false, want.String()[:40]: false, want.String() + "AAAA": false,
	} {
		got, err := ParsePin(text)
		if (err == nil) != ok || ok && got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

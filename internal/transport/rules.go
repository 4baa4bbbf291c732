package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/claimlake/claimlake/extract/redact"
)

const errPlain = redact.Public("plain http is refused, since anybody in between could read it: use https, " +
	"or set source.tls.allow_insecure_http where the network itself is private")

// rules refuses plain http, asks the FHIR server's host for its pins and explains
// what TLS refuses. The host has a transport of its own, since a connection by IP
// address does not tell whom it was meant for, and since the hosts of files have
// other keys.
type rules struct {
	host      string            // of the FHIR server
	server    http.RoundTripper // to it
	others    http.RoundTripper // to other hosts that the configuration names, and through a proxy
	links     http.RoundTripper // to hosts that only a manifest or a redirect names
	named     map[string]bool   // hosts that the configuration names, in lower case
	allowHTTP bool
}

// RoundTrip implements http.RoundTripper. It sees every request, also those that
// a redirect or a manifest leads to.
func (r rules) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == "http" && !r.allowHTTP && !Loopback(req.URL.Hostname()) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errPlain
	}
	next, err := r.next(req)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	res, err := next.RoundTrip(req)
	return res, explain(err)
}

// next is the transport for a request. Hosts that the configuration does not name
// must have public addresses; what a proxy connects to, the proxy decides.
func (r rules) next(req *http.Request) (http.RoundTripper, error) {
	host := strings.ToLower(req.URL.Hostname())
	switch {
	case host == strings.ToLower(r.host):
		return r.server, nil
	case r.named[host]:
		return r.others, nil
	case privateHost(host):
		return nil, errPrivate
	}
	if proxy, err := http.ProxyFromEnvironment(req); proxy != nil || err != nil {
		return r.others, err
	}
	return r.links, nil
}

// Loopback reports whether host is this machine, without asking a name server.
func Loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// alerts are what a server's TLS alerts (RFC 8446 §6.2), by the names that
// crypto/tls gives them, mean for the user.
var alerts = map[string]redact.Public{
	"tls: protocol version not supported": "the server has no TLS version from 1.2 on, which claimlake needs: ask its operator",
	"tls: handshake failure":              "the server and claimlake have no TLS version and cipher in common: TLS 1.2 or later is needed",
	"tls: certificate required":           "the server wants a client certificate: set source.tls.cert_file and key_file",
	"tls: bad certificate":                "the server refuses the client certificate, or wants one: see source.tls.cert_file",
	"tls: unknown certificate authority":  "the server refuses the client certificate: it does not know who issued it",
	"tls: expired certificate":            "the server refuses the client certificate: it has expired",
	"tls: revoked certificate":            "the server refuses the client certificate: it is revoked",
}

// explain makes a failure of TLS that will come again a final one.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if pin, ok := errors.AsType[redact.Public](err); ok {
		return pin
	}
	if remote, ok := errors.AsType[*net.OpError](err); ok && remote.Op == "remote error" {
		if known, ok := alerts[remote.Err.Error()]; ok {
			return known
		}
	}
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return redact.Public("the server's certificate is refused: " + refused.Err.Error() + ": ask its operator, or name its issuer in source.tls.ca_file")
	}
	return err
}

package transport

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

const errPrivate = redact.Public("a link leads to an address of this machine or of a private network, which a manifest could use to reach what only this machine can: refused; " +
	"name the host in source.allow_hosts if it is meant")

// public is a transport that connects to public addresses alone. What counts is the
// address at the end of name resolution, when the connection is made.
func public(t *http.Transport) *http.Transport {
	t = t.Clone()
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, ControlContext: refusePrivate}
	t.DialContext = d.DialContext
	return t
}

func refusePrivate(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || private(at.Addr()) {
		return errPrivate
	}
	return nil
}

// shared is the address space between a provider and its customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// private reports whether an address is not one of the public internet.
func private(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return !a.IsGlobalUnicast() || a.IsPrivate() || shared.Contains(a)
}

// privateHost reports whether a host is given as a private address. Of a name only
// whoever connects can tell.
func privateHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && private(a) || Loopback(host)
}

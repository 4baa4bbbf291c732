package embedded

import (
	"fmt"
	"net"
)

// checkLoopback refuses an address that other machines reach: the interface
// has no TLS and the data is protected health information.
func checkLoopback(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("listen address %q: want host:port, such as %s", listen, DefaultListen)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen address %q: the embedded warehouse serves on loopback only, such as %s; use an SSH tunnel to reach it from elsewhere", listen, DefaultListen)
}

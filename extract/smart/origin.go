package smart

import (
	"net/url"
	"strings"
)

// SameOrigin reports whether two URLs have the same scheme, host and port, so that what
// may be sent to one may be sent to the other.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

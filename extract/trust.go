package extract

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

const maxRedirects = 10

// trusted reports whether u may be sent the access token: the origin of the FHIR
// base URL, or a host that the configuration trusts, over https.
func (c *Client) trusted(u *url.URL) bool {
	if smart.SameOrigin(u, c.base) {
		return true
	}
	named := func(host string) bool {
		return host == u.Host || u.Port() == "443" && host == u.Hostname()
	}
	return u.Scheme == "https" && slices.ContainsFunc(c.o.TrustedHosts, named)
}

// checkRedirect keeps the token from following a redirect to another origin, also
// to a subdomain, where net/http would send it along. It refuses redirects that
// would send patients' data in the clear, or make a GET of a POST, which would
// start another export than the one asked for.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	switch {
	case len(via) >= maxRedirects:
		return redact.Public("the server redirects without end")
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return redact.Public("the server redirects to something that is not a web address: refused")
	case req.URL.Scheme != "https" && last.URL.Scheme == "https":
		return redact.Public("the server redirects from https to http: refused")
	case req.Method != first.Method:
		return redact.Public("the server redirects the request and changes its method: set the base URL to where it leads")
	case req.ContentLength != 0 && !c.trusted(req.URL):
		return redact.Public("the server redirects the request to another host, and what is asked, such as patients, is not sent there: set the base URL to where it leads")
	}
	for _, earlier := range via {
		if !smart.SameOrigin(req.URL, earlier.URL) {
			req.Header.Del("Authorization")
		}
	}
	return nil
}

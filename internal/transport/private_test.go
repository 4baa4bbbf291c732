package transport

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestPrivateAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true, "100.64.0.1": true,
		"169.254.169.254": true, "0.0.0.0": true, "224.0.0.1": true, "255.255.255.255": true,
		"::1": true, "::": true, "fe80::1%eth0": true, "fd00::1": true, "ff02::1": true,
		"::ffff:127.0.0.1": true, "::ffff:10.0.0.1": true, "::ffff:8.8.8.8": false,
		"8.8.8.8": false, "172.32.0.1": false, "100.128.0.1": false, "2001:4860:4860::8888": false,
	} {
		if got := private(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is private: %v", address, got)
		}
	}
}

func ask(t *testing.T, c *http.Client, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	must(t, err)
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.Body.Close()
}

// A manifest cannot make claimlake ask what only this machine, or its network, can
// reach; whatever the host is called.
func TestLinksToPrivateAddressesAreRefused(t *testing.T) {
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	for name, tc := range map[string]struct {
		base, link string
		hosts      []string
		refused    bool
	}{
		"an address":                   {"https://fhir.example.org/r4", "http://127.0.0.1:" + port, nil, true},
		"an address, written oddly":    {"https://fhir.example.org/r4", "http://[::ffff:127.0.0.1]:" + port, nil, true},
		"a name of this machine":       {"https://fhir.example.org/r4", "http://localhost:" + port, nil, true},
		"the metadata of a cloud":      {"https://fhir.example.org/r4", "https://169.254.169.254/latest", nil, true},
		"an address that is allowed":   {"https://fhir.example.org/r4", "http://127.0.0.1:" + port, []string{"127.0.0.1"}, false},
		"a name that is allowed":       {"https://fhir.example.org/r4", "http://localhost:" + port, []string{"LocalHost"}, false},
		"another is allowed":           {"https://fhir.example.org/r4", "http://127.0.0.1:" + port, []string{"localhost"}, true},
		"the FHIR server's own":        {"http://127.0.0.1:1/r4", "http://127.0.0.1:" + port, nil, false},
		"a redirect from the server's": {"http://127.0.0.1:1/r4", "http://localhost:" + port, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{BaseURL: tc.base, Hosts: tc.hosts})
			must(t, err)
			asked = 0
			err = ask(t, c, tc.link)
			if refused := errors.Is(err, errPrivate); refused != tc.refused || refused == (asked > 0) {
				t.Errorf("error %v, asked %d times", err, asked)
			}
		})
	}
}

// The address counts, not the name: one that resolves to this machine is refused
// when the connection is made.
func TestNamesOfPrivateAddressesAreRefused(t *testing.T) {
	inside := httptest.NewServer(http.NotFoundHandler())
	defer inside.Close()
	c := &http.Client{Transport: public(transport(nil))}
	if err := ask(t, c, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)); !errors.Is(err, errPrivate) {
		t.Errorf("error %v", err)
	}
}

package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestServerSaysWhereItCannotListen(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	data := filepath.Dir(put(t, filepath.Join(t.TempDir(), "data", "Claim.ndjson"), goodClaim))
	for name, tc := range map[string]struct {
		listen string
		code   int
		want   string
	}{
		"a port in use":              {l.Addr().String(), exitFailed, "choose another port with --listen"},
		"an address that others see": {"0.0.0.0:0", exitUsage, "want a loopback address"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, problems := command(t, "demo", "server", "--data", data, "--listen", tc.listen)
			if code != tc.code || !strings.Contains(problems, tc.want) {
				t.Errorf("exit %d, want %d: %s", code, tc.code, problems)
			}
		})
	}
}

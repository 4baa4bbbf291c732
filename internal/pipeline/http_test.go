package pipeline

import (
	"context"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
)

// A server without a pinned key is asked neither for a token nor for an export,
// and not tried again.
func TestNothingIsSentPastAWrongPin(t *testing.T) {
	asked := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer s.Close()
	dir := t.TempDir()
	ca, secret := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "secret")
	for path, data := range map[string][]byte{
		ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), secret: []byte("hunter2"),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, auth := range []string{"none", "basic"} {
		c := config.Default()
		c.Source.Name, c.Source.URL = "payer", s.URL
		c.Source.Auth = config.Auth{Type: auth, ClientID: "claimlake", SecretFile: secret}
		c.Source.TLS = config.TLS{CAFile: ca, PinSHA256: []string{"d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM=", "uUwZgwDOxcBXrQcntwu+kYFpkiVkOaezL0WYEZ3anJc="}}
		server, err := NewServer(c, extract.Export{Level: extract.System}, Agent{Observer: quiet{}, Log: slog.New(slog.DiscardHandler), UserAgent: "claimlake"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err = server.Prepare(ctx, extract.Job{}, func(extract.Job) error { return nil })
		cancel()
		if err == nil || !strings.Contains(err.Error(), "pinned public key") || asked {
			t.Errorf("auth %s: error %v, asked %v", auth, err, asked)
		}
	}
}

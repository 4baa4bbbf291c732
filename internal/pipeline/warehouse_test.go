package pipeline

import (
	"context"
	"encoding/pem"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/transport"
)

// A ClickHouse server is met with the same TLS as all others: its authority must be
// known, and its key one of the pins.
func TestWarehouseOverTLS(t *testing.T) {
	engine := warehouse(t, filepath.Join(t.TempDir(), "lake"))
	proxy := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.engine.Addr}))
	proxy.Config.ErrorLog = log.New(&strings.Builder{}, "", 0)
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	dir := t.TempDir()
	authority, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	for path, text := range map[string][]byte{authority: content, password: []byte(engine.engine.Password + "\n")} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	right, wrong := transport.PinOf(proxy.Certificate()).String(), strings.Repeat("A", 43)+"="
	for name, tc := range map[string]struct {
		tls    config.TLS
		secure bool
		ok     bool
	}{
		"known":         {config.TLS{CAFile: authority}, true, true},
		"pinned":        {config.TLS{CAFile: authority, PinSHA256: []string{right, wrong}}, true, true},
		"unknown":       {config.TLS{}, true, false},
		"another key":   {config.TLS{CAFile: authority, PinSHA256: []string{wrong}}, true, false},
		"in the clear":  {config.TLS{}, false, false},
		"no such file":  {config.TLS{CAFile: filepath.Join(dir, "none")}, true, false},
		"a client that": {config.TLS{CAFile: authority, CertFile: authority, KeyFile: password}, true, false},
	} {
		w := config.Default().Warehouse
		w.Mode, w.Protocol, w.Address, w.User, w.PasswordFile = "server", "http", strings.TrimPrefix(proxy.URL, "https://"), engine.engine.User, password
		w.TLS, w.Secure = tc.tls, tc.secure
		store, err := OpenWarehouse(context.Background(), w, "")
		if (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = store.Close()
		}
	}
}

// Queries are another user's, where there is one.
func TestReadingUser(t *testing.T) {
	w := config.Warehouse{User: "loader", PasswordFile: "a", PasswordEnv: "b"}
	if got := w.Reading(); got.User != "loader" || got.PasswordFile != "a" {
		t.Errorf("%+v", got)
	}
	w.ReadUser, w.ReadPasswordEnv = "analyst", "c"
	if got := w.Reading(); got.User != "analyst" || got.PasswordFile != "" || got.PasswordEnv != "c" {
		t.Errorf("%+v", got)
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// profileCases are what a user writes in addition to the profile, and what a check then finds.
var profileCases = map[string]struct{ source, export, finds string }{
	"bcda":   {"auth: {client_id: portal, secret_file: secret}", "", "ok    token         obtained"},
	"ab2d":   {"auth: {client_id: portal, secret_file: secret}", "", "token endpoint answers 400"}, // the server knows SMART's scopes only
	"dpc":    {"auth: {client_id: backend, key_file: key.pem}", "group: roster", "ok    token         obtained"},
	"epic":   {"auth: {client_id: backend, key_file: key.pem}", "group: members", "ok    token         obtained"},
	"oracle": {"auth: {client_id: backend, key_file: key.pem}", "group: members", "ok    token         obtained"},
	"hapi":   {"", "", "ok    token         none is sent"},
	"smart":  {"auth: {client_id: backend, key_file: key.pem}", "", "ok    token         obtained"},
}

// A check finds of the same server, in each profile, what a sync would meet.
func TestSourceCheckInEachProfile(t *testing.T) {
	dir := t.TempDir()
	key, err := smart.GenerateKey(smart.RS384)
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	public, err := smart.PublicJWKS(key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "key.pem"), string(private))
	put(t, filepath.Join(dir, "secret"), "s3cret")
	clients := []fhirtest.Client{{ID: "backend", JWKS: public, Scopes: []string{"system/*.cruds"}}, {ID: "portal", Secret: "s3cret"}}
	for profile, tc := range profileCases {
		t.Run(profile, func(t *testing.T) {
			o := fhirtest.Options{Dir: t.TempDir(), Clients: clients}
			if tc.source == "" {
				o.Clients = nil
			}
			_, url := served(t, o)
			source := strings.NewReplacer("key.pem", filepath.Join(dir, "key.pem"), "secret_file: secret", "secret_file: "+filepath.Join(dir, "secret")).Replace(tc.source)
			text := "source:\n  name: payer\n  profile: " + profile + "\n  url: " + url + "\n"
			if source != "" {
				text += "  " + source + "\n"
			}
			if tc.export != "" {
				text += "export: {" + tc.export + "}\n"
			}
			path := put(t, filepath.Join(t.TempDir(), "c.yaml"), text)
			code, out, problems := command(t, "source", "check", "--config", path)
			if want := strings.HasPrefix(tc.finds, "ok"); (code == exitDone) != want || !strings.Contains(out, tc.finds) {
				t.Errorf("exit code %d:\n%s%s", code, out, problems)
			}
			if !strings.Contains(out, "ok    export        declared, Bulk Data 3.0.0 (STU3)") || strings.Contains(out+problems, "s3cret") {
				t.Errorf("it says:\n%s%s", out, problems)
			}
		})
	}
}

func TestSourceCheckOfAPublisher(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/directory/$bulk-publish" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"transactionTime":"2026-01-01T00:00:00Z","requiresAccessToken":false,"output":[{"type":"Organization","url":"o.ndjson"}]}`))
	}))
	defer web.Close()
	path := put(t, filepath.Join(t.TempDir(), "c.yaml"), "source: {name: directory, url: "+web.URL+"/directory}\nexport: {mode: publish}\n")
	code, out, problems := command(t, "source", "check", "--config", path)
	if code != exitDone || !strings.Contains(out, "ok    published     1 files and 0 of deletions, as of 2026-01-01 00:00:00 UTC") {
		t.Errorf("exit code %d:\n%s%s", code, out, problems)
	}
}

package sourcecheck

import (
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
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// payerServer is a Bulk Data server over TLS, and the configuration of a client
// that may read patients only. change may alter an answer before it is sent.
func payerServer(t *testing.T, o fhirtest.Options, change func(w http.ResponseWriter, r *http.Request) bool) config.Config {
	t.Helper()
	key, err := smart.GenerateKey(smart.ES384)
	must(t, err)
	private, err := key.PEM()
	must(t, err)
	o.Dir = t.TempDir()
	public, err := smart.PublicJWKS(key)
	must(t, err)
	o.Clients = []fhirtest.Client{{ID: "claimlake", JWKS: public, Scopes: []string{"system/Patient.rs"}}}
	fhir, err := fhirtest.New(o)
	must(t, err)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if change == nil || !change(w, r) {
			fhir.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() {
		s.Close()
		must(t, fhir.Close())
	})
	keys := t.TempDir()
	c := config.Default()
	c.Source = config.Source{
		Name: "payer", URL: s.URL,
		Auth: config.Auth{Type: "smart", ClientID: "claimlake", KeyFile: filepath.Join(keys, "key.pem")},
		TLS:  config.TLS{CAFile: filepath.Join(keys, "ca.pem")},
	}
	must(t, os.WriteFile(c.Source.Auth.KeyFile, private, 0o600))
	must(t, os.WriteFile(c.Source.TLS.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// findings are the lines of a check.
func findings(t *testing.T, c config.Config, types ...string) string {
	return findingsOf(t, c, false, types...)
}

// findingsOf are those where somebody named the types, or nobody did.
func findingsOf(t *testing.T, c config.Config, narrow bool, types ...string) string {
	t.Helper()
	got, err := Run(t.Context(), c, extract.Export{Level: extract.System, Types: types, Narrow: narrow}, slog.New(slog.DiscardHandler), "claimlake")
	must(t, err)
	var lines strings.Builder
	for _, f := range got {
		lines.WriteString(string(f.Grade) + " " + f.What + ": " + f.Text + "\n")
	}
	return lines.String()
}

func TestSourceCheckInEachVersionOfBulkData(t *testing.T) {
	for version, want := range map[string]string{
		"stu1": "1.0.0 (STU1)", "stu2": "2.0.0 (STU2)", "stu3": "3.0.0 (STU3)", "stu4": "4.0.0 (STU4)",
	} {
		t.Run(version, func(t *testing.T) {
			kickoffs := 0
			c := payerServer(t, fhirtest.Options{Version: version}, func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "$export") {
					kickoffs++
				}
				return false
			})
			got := findings(t, c, "Patient")
			for _, line := range []string{
				"ok url: https://127.0.0.1:", "ok tls: TLS 1.3", "ok certificate: until ", "ok clock: within 30s",
				"ok fhir: version 4.0.1, software not declared", "ok export: declared, Bulk Data " + want,
				"ok smart: token endpoint found", "ok token: obtained, good for ", "granted: system/Patient.rs",
			} {
				if !strings.Contains(got, line) {
					t.Errorf("no %q in\n%s", line, got)
				}
			}
			if kickoffs != 0 {
				t.Error("an export was started")
			}
		})
	}
}

func TestSourceCheckFindsWhatIsWrong(t *testing.T) {
	date := func(d time.Duration) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Date", time.Now().Add(d).UTC().Format(http.TimeFormat))
			return false
		}
	}
	answer := func(path string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for name, tc := range map[string]struct {
		server func(http.ResponseWriter, *http.Request) bool
		config func(*config.Config)
		want   string
	}{
		"a server that is not there":        {nil, func(c *config.Config) { c.Source.URL = "https://127.0.0.1:1" }, "fail url: https://127.0.0.1:1/metadata: dial tcp"},
		"a certificate of nobody we know":   {nil, func(c *config.Config) { c.Source.TLS.CAFile = "" }, "fail url: "},
		"a clock that is behind":            {date(90 * time.Second), nil, "warn clock: this machine's is 1m"},
		"a clock that is ahead":             {date(-150 * time.Second), nil, "warn clock: this machine's is 2m"},
		"a web site":                        {answer("/metadata", 200, "<html>Jane Doe</html>"), nil, "fail capabilities: "},
		"capabilities for clients only":     {answer("/metadata", 401, ""), nil, "warn capabilities: shown to clients with a token only (401)"},
		"a server without exports":          {answer("/metadata", 200, `{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}`), nil, "warn export: no export operation"},
		"the server needs tokens":           {nil, func(c *config.Config) { c.Source.Auth = config.Auth{Type: "none"} }, "warn smart: the server has a token endpoint"},
		"a client that nobody knows":        {nil, func(c *config.Config) { c.Source.Auth.ClientID = "stranger" }, "fail token: get an access token: the token endpoint answers 40"},
		"a scope that is not granted":       {nil, nil, "warn token: obtained, but not granted: system/Claim.rs; granted: system/Patient.rs"},
		"a token endpoint nobody tells":     {answer("/.well-known/smart-configuration", 404, ""), func(c *config.Config) { c.Source.URL += "/r4" }, "fail smart: "},
		"a server that fails for the check": {answer("/metadata", 500, "Jane Doe"), nil, "fail capabilities: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := payerServer(t, fhirtest.Options{}, tc.server)
			if tc.config != nil {
				tc.config(&c)
			}
			if got := findings(t, c, "Patient", "Claim"); !strings.Contains(got, tc.want) || strings.Contains(got, "Jane") {
				t.Errorf("no %q in\n%s", tc.want, got)
			}
		})
	}
}

func TestSourceCheckTellsTypesThatTheServerLacks(t *testing.T) {
	for name, tc := range map[string]struct {
		declares, narrow bool
		want             string
	}{
		"declared, and nobody named them": {true, true, "warn types: not declared, and left out if the server refuses them: Claim"},
		"declared, and they were named":   {true, false, "warn types: not declared: Claim; if the server refuses the export"},
		"not declared":                    {false, true, "ok types: the server does not declare which it has; asked for: Claim Patient"},
	} {
		t.Run(name, func(t *testing.T) {
			c := payerServer(t, fhirtest.Options{Types: []string{"Patient"}, Declares: tc.declares}, nil)
			if got := findingsOf(t, c, tc.narrow, "Claim", "Patient"); !strings.Contains(got, tc.want) {
				t.Errorf("no %q in\n%s", tc.want, got)
			}
		})
	}
}

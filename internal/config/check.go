package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/transport"
)

// mistake is a value that cannot be used, by its key.
type mistake struct{ key, text string }

// check lists what is wrong with c.
func check(c Config) []mistake {
	return slices.Concat(checkSource(c.Source), checkAuth(c.Source.Auth), checkTLS(c.Source), checkHosts("trusted_hosts", c.Source.TrustedHosts), checkHosts("allow_hosts", c.Source.AllowHosts), checkExport(c.Export), checkTypes(c.Export), checkAddresses(c), checkMode(c.Export), checkFullEvery(c.Export), checkWarehouse(c.Warehouse), checkChecks(c.Checks), checkAudit(c.Audit), checkSeal(c.Seal), checkPolicy(c), checkTraces(c.Traces), checkHooks(c.OnPromote), checkLimits(c))
}

func checkSource(s Source) (m []mistake) {
	if s.Name == "" {
		m = append(m, mistake{"source.name", "a source needs a name; it becomes the column _source"})
	}
	if s.Profile != "" && profiles[s.Profile] == nil {
		m = append(m, mistake{"source.profile", oneOf(profileNames()...)})
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		m = append(m, mistake{"source.url", "want the FHIR base URL, such as https://fhir.example.org/r4"})
	} else if u.User != nil || u.RawQuery != "" {
		m = append(m, mistake{"source.url", "a URL with a user or a query may hold a secret; use source.auth"})
	}
	return m
}

func checkAuth(a Auth) (m []mistake) {
	need := func(key, value string) {
		if value == "" {
			m = append(m, mistake{"source.auth." + key, "needed with type: " + a.Type})
		}
	}
	switch a.Type {
	case "none":
	case "smart":
		need("client_id", a.ClientID)
		need("key_file", a.KeyFile)
	case "basic":
		need("client_id", a.ClientID)
		need("secret_file", a.SecretFile+a.SecretEnv)
	case "bearer":
		need("secret_file", a.SecretFile+a.SecretEnv)
	default:
		m = append(m, mistake{"source.auth.type", oneOf("none", "smart", "basic", "bearer")})
	}
	if a.SecretFile != "" && a.SecretEnv != "" {
		m = append(m, mistake{"source.auth.secret_env", "give secret_file or secret_env, not both"})
	}
	return m
}

func checkWarehouse(w Warehouse) (m []mistake) {
	if !slices.Contains([]string{"embedded", "server", "none"}, w.Mode) {
		m = append(m, mistake{"warehouse.mode", oneOf("embedded", "server", "none")})
	}
	if w.Mode == "server" && w.Address == "" {
		m = append(m, mistake{"warehouse.address", "a server needs an address, such as clickhouse.example.org:9440"})
	}
	if !slices.Contains([]string{"native", "http"}, w.Protocol) {
		m = append(m, mistake{"warehouse.protocol", oneOf("native", "http")})
	}
	if w.PasswordFile != "" && w.PasswordEnv != "" {
		m = append(m, mistake{"warehouse.password_env", "give password_file or password_env, not both"})
	}
	if w.ReadPasswordFile != "" && w.ReadPasswordEnv != "" {
		m = append(m, mistake{"warehouse.read_password_env", "give read_password_file or read_password_env, not both"})
	}
	if host, _, err := net.SplitHostPort(w.Address); err == nil && w.Mode == "server" && !w.Secure && !w.TLS.AllowInsecureHTTP && !transport.Loopback(host) {
		m = append(m, mistake{"warehouse.secure", "rows would go to another machine in the clear, which anybody in between can read: set secure: true, or warehouse.tls.allow_insecure_http"})
	}
	return append(m, checkCertificates("warehouse", w.TLS)...)
}

func checkLimits(c Config) (m []mistake) {
	if c.Lake.Dir == "" {
		m = append(m, mistake{"lake.dir", "the lake needs a folder"})
	}
	if _, err := c.Lake.KeepParts(); err != nil {
		m = append(m, mistake{"lake.keep", "want forever, or " + err.Error()})
	}
	if _, _, err := c.Lake.KeepPages(); err != nil {
		m = append(m, mistake{"lake.archive", err.Error()})
	}
	l := c.Limits
	if l.Workers < 0 {
		m = append(m, mistake{"limits.workers", "want 0 (one a core) or more"})
	}
	if l.RequestsPerSecond < 0 {
		m = append(m, mistake{"limits.requests_per_second", "want 0 (as many as it takes) or more"})
	}
	for _, count := range []struct {
		key string
		n   int
	}{{"downloads", l.Downloads}, {"file_downloads", l.FileDownloads}, {"file_retries", l.FileRetries}, {"run_retries", l.RunRetries}} {
		if count.n < 1 {
			m = append(m, mistake{"limits." + count.key, "want 1 or more"})
		}
	}
	if d, err := l.Deadline(); err != nil || d <= 0 {
		m = append(m, mistake{"limits.export_deadline", "want a time such as 24h"})
	}
	if d, err := l.Stall(); err != nil || d < 0 {
		m = append(m, mistake{"limits.stall_deadline", "want a time such as 12h, or 0 for none"})
	}
	if d, err := l.Idle(); err != nil || d <= 0 {
		m = append(m, mistake{"limits.idle_timeout", "want a time such as 2m"})
	}
	return m
}

func oneOf(words ...string) string {
	return fmt.Sprintf("want one of %s", strings.Join(words, ", "))
}

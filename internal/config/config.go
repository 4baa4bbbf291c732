// Package config is claimlake.yaml: one typed value, read once and checked
// whole. Every mistake is reported at once, with its line and column. Secrets
// are never in the file: it names a file or an environment variable that
// holds them.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/transport"
)

// Config is a checked configuration.
type Config struct {
	Source    Source    `yaml:"source"`
	Export    Export    `yaml:"export"`
	Lake      Lake      `yaml:"lake"`
	Warehouse Warehouse `yaml:"warehouse"`
	Checks    Checks    `yaml:"checks"`
	Audit     Audit     `yaml:"audit"`
	Seal      Seal      `yaml:"seal"`
	Policy    Policy    `yaml:"policy"`
	Metrics   Metrics   `yaml:"metrics"`
	Traces    Traces    `yaml:"traces"`
	OnPromote []Hook    `yaml:"on_promote"`
	Limits    Limits    `yaml:"limits"`
}

// Source is the FHIR server.
type Source struct {
	Name    string `yaml:"name"`    // column _source of every row
	URL     string `yaml:"url"`     // the FHIR base URL
	Profile string `yaml:"profile"` // kind of server, for what is not said; "" for none
	Auth    Auth   `yaml:"auth"`
	TLS     TLS    `yaml:"tls"`

	// AllowHosts are hosts of files that may be in a private network, in addition to those of
	// URL, Auth.TokenURL and TrustedHosts.
	AllowHosts []string `yaml:"allow_hosts"`
	// TrustedHosts (with port, if not 443) are sent the token too, for their files.
	TrustedHosts []string `yaml:"trusted_hosts"`
}

// Hosts are all hosts that the configuration names, without their ports.
func (s Source) Hosts() []string {
	var hosts []string
	for _, text := range []string{s.URL, s.Auth.TokenURL} {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	for _, host := range slices.Concat(s.TrustedHosts, s.AllowHosts) {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// Auth is how claimlake proves who it is.
type Auth struct {
	Type       string   `yaml:"type"` // none, smart, basic or bearer
	ClientID   string   `yaml:"client_id"`
	KeyFile    string   `yaml:"key_file"`    // smart: PEM or JWK
	KeyID      string   `yaml:"key_id"`      // smart: kid, where the key file has none
	TokenURL   string   `yaml:"token_url"`   // where discovery does not tell
	Scopes     []string `yaml:"scopes"`      // instead of those derived from the types
	SecretFile string   `yaml:"secret_file"` // basic: client secret; bearer: token
	SecretEnv  string   `yaml:"secret_env"`
}

// TLS is how connections to the server, its token endpoint and its files are
// secured.
type TLS struct {
	CAFile            string   `yaml:"ca_file"`    // PEM; trusted in addition to the system's authorities
	CertFile          string   `yaml:"cert_file"`  // PEM; client certificate (mTLS)
	KeyFile           string   `yaml:"key_file"`   // PEM; its private key
	PinSHA256         []string `yaml:"pin_sha256"` // base64; public keys of which the server's chain must have one
	AllowInsecureHTTP bool     `yaml:"allow_insecure_http"`
}

// Pins are PinSHA256. A checked configuration has no others.
func (t TLS) Pins() ([]transport.Pin, error) {
	var pins []transport.Pin
	for _, text := range t.PinSHA256 {
		pin, err := transport.ParsePin(text)
		if err != nil {
			return nil, err
		}
		pins = append(pins, pin)
	}
	return pins, nil
}

// Lake is where the Parquet files are.
type Lake struct {
	Dir     string `yaml:"dir"`
	Keep    string `yaml:"keep"`    // how long runs keep files that nobody reads: forever or days; see KeepParts
	Archive string `yaml:"archive"` // how long pages are kept as they came: none, forever or days; see KeepPages
}

// KeepParts is Keep as a time span; 0 is forever. A checked configuration has one.
func (l Lake) KeepParts() (time.Duration, error) {
	if l.Keep == "forever" {
		return 0, nil
	}
	return days(l.Keep)
}

// KeepPages is what Archive says: whether pages are kept, and how long; 0 is forever. A
// checked configuration has one that can be read.
func (l Lake) KeepPages() (keep bool, age time.Duration, err error) {
	switch l.Archive {
	case "none":
		return false, 0, nil
	case "forever":
		return true, 0, nil
	}
	if age, err = days(l.Archive); err != nil {
		return false, 0, fmt.Errorf("want none, forever, or %w", err)
	}
	return true, age, nil
}

var errDays = errors.New("days such as 90d")

// days reads a number of days, such as 90d.
func days(text string) (time.Duration, error) {
	number, found := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 1 || n > maxDays {
		return 0, errDays
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// maxDays is a hundred years.
const maxDays = 36500

// Seal is where the key set is with which archive and quarantine are sealed.
type Seal struct {
	KeyFile string `yaml:"key_file"` // as claimlake seal keygen makes it, mode 0600
	KeyEnv  string `yaml:"key_env"`  // environment variable that holds it instead

	// KMS has the key that the key set is encrypted with, such as
	// hcvault://vault.example.org:8200/transit/keys/claimlake; "" for none.
	KMS          string `yaml:"kms"`
	KMSTokenFile string `yaml:"kms_token_file"`
	KMSTokenEnv  string `yaml:"kms_token_env"`
	KMSCAFile    string `yaml:"kms_ca_file"` // PEM; trusted in addition to the system's authorities
}

// Audit is what the audit trail says and how long it is kept.
type Audit struct {
	Purpose   string `yaml:"purpose"`    // of use, such as payment; for all events
	KeepYears int    `yaml:"keep_years"` // 6 or more
}

// Metrics says where the counts of what is done can be read.
type Metrics struct {
	Listen string `yaml:"listen"` // loopback address where Prometheus is answered while a command loads
	File   string `yaml:"file"`   // written when a command ends, for node_exporter's textfile collector
}

// Traces says which OpenTelemetry collector gets a trace of each run.
type Traces struct {
	URL        string `yaml:"url"`         // OTLP over HTTP, such as https://collector.example.org:4318/v1/traces
	SecretFile string `yaml:"secret_file"` // sent as bearer token
	SecretEnv  string `yaml:"secret_env"`
	CAFile     string `yaml:"ca_file"` // PEM; trusted in addition to the system's authorities
}

// Warehouse is the ClickHouse that the rows are loaded into.
type Warehouse struct {
	Mode         string `yaml:"mode"` // embedded, server or none
	Address      string `yaml:"address"`
	Protocol     string `yaml:"protocol"` // native or http
	Database     string `yaml:"database"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
	Secure       bool   `yaml:"secure"` // TLS, as TLS says
	TLS          TLS    `yaml:"tls"`

	// ReadUser queries, where another user than the one that loads should.
	ReadUser         string `yaml:"read_user"`
	ReadPasswordFile string `yaml:"read_password_file"`
	ReadPasswordEnv  string `yaml:"read_password_env"`
}

// Reading is the warehouse for whoever only reads.
func (w Warehouse) Reading() Warehouse {
	if w.ReadUser != "" {
		w.User, w.PasswordFile, w.PasswordEnv = w.ReadUser, w.ReadPasswordFile, w.ReadPasswordEnv
	}
	return w
}

// Default is what a claimlake.yaml that says nothing means.
func Default() Config {
	return Config{
		Source:    Source{Auth: Auth{Type: "none"}},
		Export:    Export{Mode: "export", Level: "system", Method: "auto", FullEvery: "never"},
		Lake:      Lake{Dir: "lake", Keep: "forever", Archive: "none"},
		Warehouse: Warehouse{Mode: "embedded", Protocol: "native", Database: "claimlake", User: "default"},
		Checks:    Checks{MaxRejected: 0.1, MaxDrop: 0.5, MaxUnbalanced: 0.05, SecondAttempt: "never", ClockSkew: "5m"},
		Audit:     Audit{KeepYears: 6},
		Limits:    Limits{Downloads: 4, FileDownloads: 4, FileRetries: 50, RunRetries: 1000, IdleTimeout: "2m", ExportDeadline: "24h", StallDeadline: "12h"},
	}
}

// Hash stands for all that the configuration says, defaults too. Secrets are not in it.
func (c Config) Hash() string {
	text, _ := json.Marshal(c)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

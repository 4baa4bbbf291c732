package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/seal"
)

// All mistakes of a file are told at once, in its order, whatever their kind.
func TestAllMistakesAtOnce(t *testing.T) {
	src := `sorce: {}
source:
  name: p
  url: nowhere
  nane: q
export:
  types: [Patientt, Claim, Claim, Zzz]
  since: yesterday
  until: 7
  type_filters: ['Claim', 'Cliam?a=b', 'Coverage?status=active', 'Claim?status=']
  level: group
  group: 'Group/1 '
  lenient: perhaps
  level: system
limits: {workers: many, downlods: 4}
metrics: {listen: everywhere}
checks: 5
on_promote: [{name: a, ulr: x}, {name: a, url: 'https://h'}]
`
	want := []string{
		`1:1: unknown field "sorce": did you mean source?`,
		"4:8: source.url: want the FHIR base URL",
		`5:3: unknown field "nane": did you mean name?`,
		"7:11: export.types[0]: no resource type of FHIR: did you mean Patient?",
		"7:28: export.types[2]: is given twice",
		"7:35: export.types[3]: no resource type of FHIR",
		"8:10: want a time, such as 2026-01-31T00:00:00Z",
		"9:10: want a time",
		"10:18: export.type_filters[0]: want a search",
		"10:27: export.type_filters[1]: no resource type of FHIR: did you mean Claim?",
		"10:40: export.type_filters[2]: Coverage is not among export.types",
		"10:66: export.type_filters[3]: want a value",
		"12:10: export.group: want the id of a Group alone",
		"13:12: ",
		"14:3: level is given twice",
		"15:19: ",
		`15:25: unknown field "downlods": did you mean downloads?`,
		"16:19: metrics.listen: want a host and a port",
		"17:9: want keys with values, such as max_rejected",
		"18:21: on_promote[0].name: give a url or a command",
		`18:24: unknown field "ulr": did you mean url?`,
		"18:40: on_promote[1].name: want a name of its own",
	}
	_, err := Parse("c.yaml", []byte(src))
	if err == nil {
		t.Fatal("no mistake")
	}
	got := strings.Split(err.Error(), "\n")[1:]
	for i, line := range got {
		if i >= len(want) || !strings.HasPrefix(line, "c.yaml:"+want[i]) {
			t.Errorf("%d: %s, want %s", i, line, append(want, "nothing", "nothing")[min(i, len(want))])
		}
	}
	if len(got) < len(want) {
		t.Errorf("%d mistakes, want %d", len(got), len(want))
	}
}

func TestValuesThatCanBeChecked(t *testing.T) {
	future := time.Now().AddDate(1, 0, 0).Format(time.RFC3339)
	for name, tc := range map[string]struct{ src, want string }{
		"a time in the future":       {"export: {since: " + future + "}", "export.since: is in the future"},
		"a date":                     {"export: {since: 2024-01-31}", ""},
		"an instant with an offset":  {"export: {since: 2024-01-31T10:00:00+02:00}", ""},
		"a type that only R5 has":    {"export: {types: [InventoryItem, ImagingSelection]}", ""},
		"a type that only STU3 has":  {"export: {types: [EligibilityRequest]}", ""},
		"a lower case type":          {"export: {types: [patient]}", "did you mean Patient?"},
		"elements of no type":        {"export: {elements: [Cliam.item]}", "did you mean Claim?"},
		"files of no type":           {"export: {organize_output_by: Patiemt}", "did you mean Patient?"},
		"a filter with several":      {"export: {type_filters: ['Claim?status=active&use=claim']}", ""},
		"a filter that hides one":    {"export: {type_filters: ['Claim?%zz']}", "want a search"},
		"a token URL that is none":   {"source: {name: p, url: 'https://h', auth: {token_url: here}}", "source.auth.token_url: want a URL"},
		"a scope that is two":        {"source: {name: p, url: 'https://h', auth: {scopes: ['a b']}}", "source.auth.scopes[0]: want one scope"},
		"an address without a port":  {"warehouse: {mode: server, address: host}", "warehouse.address: want a host and a port"},
		"an address with a bad port": {"warehouse: {mode: server, secure: true, address: 'host:99999'}", "warehouse.address: want a host and a port"},
		"anchors":                    {"limits: &l {downloads: 4}\nexport: {types: &t [Claim]}", ""},
		"a section without anything": {"export:\nlimits:\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := tc.src
			if !strings.Contains(src, "source:") {
				src = "source: {name: p, url: 'https://h'}\n" + src
			}
			_, err := Parse("c.yaml", []byte(src+"\n"))
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// The files that a configuration names are looked at, and secrets must be the owner's.
func TestFilesOfAConfiguration(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has other permissions")
	}
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := smart.GenerateKey(smart.ES384)
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	ca, _ := certificate(t)
	private, public, anchor := file("private", string(text), 0o600), file("public", string(text), 0o644), file("ca.pem", ca, 0o644)
	for name, tc := range map[string]struct{ src, want string }{
		"a key of the owner's":            {"auth: {type: smart, client_id: c, key_file: " + private + "}", ""},
		"a key that others may read":      {"auth: {type: smart, client_id: c, key_file: " + public + "}", "c.yaml:4:47: source.auth.key_file: others may read or change " + public + ", and it holds a secret: chmod 600"},
		"a key that is not there":         {"auth: {type: smart, client_id: c, key_file: " + dir + "/none}", "source.auth.key_file: there is no " + dir + "/none"},
		"a secret that is a folder":       {"auth: {type: basic, client_id: c, secret_file: " + dir + "}", "source.auth.secret_file: " + dir + " is a folder"},
		"certificates for everybody":      {"tls: {ca_file: " + anchor + "}", ""},
		"certificates that are not there": {"tls: {ca_file: " + dir + "/ca}", "source.tls.ca_file: there is no"},
		"together with other mistakes":    {"tls: {ca_file: " + dir + "/ca, ca_fiel: x}", `unknown field "ca_fiel": did you mean ca_file?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(dir)
			if err := os.WriteFile("c.yaml", []byte("source:\n  name: p\n  url: https://h\n  "+tc.src+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			err := CheckFiles("c.yaml")
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if strings.Contains(name, "together") && !strings.Contains(err.Error(), "there is no") {
				t.Errorf("not all: %v", err)
			}
		})
	}
}

// certificate makes a certificate and its key, as PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", der), pkcs8(t, private)
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return block("PRIVATE KEY", der)
}

// Each file holds what it is named for, or config check says what it holds instead: all
// such mistakes at once, and nothing of a file.
func TestContentOfFiles(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := smart.GenerateKey(smart.ES384)
	if err != nil {
		t.Fatal(err)
	}
	good, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	public, err := smart.PublicJWKS(key)
	if err != nil {
		t.Fatal(err)
	}
	set, err := seal.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	cert, certKey := certificate(t)
	_, otherKey := certificate(t)
	smartKey := func(text string) map[string]string { return map[string]string{"source.auth.key_file": text} }
	for name, tc := range map[string]struct {
		files map[string]string // content by key
		more  string            // of the file
		want  []string          // nil: valid
	}{
		"a signing key":                         {files: smartKey(string(good))},
		"a signing key with its certificate":    {files: smartKey(cert + string(good))},
		"text":                                  {files: smartKey("SECRET"), want: []string{"no private key in it: it must be PEM"}},
		"an empty file":                         {files: smartKey("\n"), want: []string{"no private key in it"}},
		"a certificate":                         {files: smartKey(cert), want: []string{"no private key in it"}},
		"a damaged key":                         {files: smartKey(block("PRIVATE KEY", []byte("SECRET"))), want: []string{"damaged PRIVATE KEY"}},
		"a key with a passphrase":               {files: smartKey(block("ENCRYPTED PRIVATE KEY", []byte("SECRET"))), want: []string{"the key is encrypted"}},
		"a small RSA key":                       {files: smartKey(pkcs8(t, small)), want: []string{"1024 bits"}},
		"an EC key of another curve":            {files: smartKey(pkcs8(t, p256)), want: []string{"ES384 needs P-384"}},
		"a set of public keys":                  {files: smartKey(string(public)), want: []string{"0 private keys in it"}},
		"damaged JSON":                          {files: smartKey(`{"kty":"SECRET`), want: []string{"damaged JSON"}},
		"a JWK that is none":                    {files: smartKey(`{"kty":"SECRET"}`), want: []string{"damaged JWK"}},
		"a key that is not asked for":           {files: map[string]string{"source.auth.secret_file": "s"}, more: "source.auth.type=bearer"},
		"an empty secret":                       {files: map[string]string{"source.auth.secret_file": " \n"}, more: "source.auth.type=bearer", want: []string{"source.auth.secret_file: ", "there is nothing in it"}},
		"a client certificate":                  {files: map[string]string{"source.tls.cert_file": cert, "source.tls.key_file": certKey}},
		"another certificate's key":             {files: map[string]string{"source.tls.cert_file": cert, "source.tls.key_file": otherKey}, want: []string{"source.tls.key_file: ", "private key does not match public key"}},
		"a certificate and its key, swapped":    {files: map[string]string{"warehouse.tls.cert_file": certKey, "warehouse.tls.key_file": cert}, want: []string{"warehouse.tls.key_file: "}},
		"authorities":                           {files: map[string]string{"source.tls.ca_file": cert}},
		"authorities that are none":             {files: map[string]string{"source.tls.ca_file": certKey, "warehouse.tls.ca_file": "SECRET"}, want: []string{"source.tls.ca_file: ", "warehouse.tls.ca_file: ", "no certificate in "}},
		"a key set that seals":                  {files: map[string]string{"seal.key_file": string(set)}},
		"a key set that is none":                {files: map[string]string{"seal.key_file": "SECRET"}, want: []string{"seal.key_file: ", "make one with: claimlake seal keygen"}},
		"a signing key that should seal":        {files: map[string]string{"seal.key_file": string(good)}, want: []string{"seal.key_file: "}},
		"a key of the policy that is not there": {files: map[string]string{"policy.key_file": ""}, more: "policy.preset=safe-harbor", want: []string{"policy.key_file: "}},
		"all at once":                           {files: map[string]string{"source.auth.key_file": "SECRET", "seal.key_file": "SECRET", "source.tls.ca_file": "SECRET"}, more: "source.nome=x", want: []string{"source.auth.key_file: ", "seal.key_file: ", "source.tls.ca_file: ", "nome"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tree := map[string]any{}
			set := func(path string, value any) {
				at, keys := tree, strings.Split(path, ".")
				for _, k := range keys[:len(keys)-1] {
					if at[k] == nil {
						at[k] = map[string]any{}
					}
					at = at[k].(map[string]any)
				}
				at[keys[len(keys)-1]] = value
			}
			set("source.name", "p")
			set("source.url", "https://h")
			for k, content := range tc.files {
				path := filepath.Join(dir, k)
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				set(k, path)
				if k == "source.auth.key_file" {
					set("source.auth.type", "smart")
					set("source.auth.client_id", "c")
				}
			}
			if path, value, ok := strings.Cut(tc.more, "="); ok {
				set(path, value)
			}
			src, err := json.Marshal(tree) // which is YAML
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "c.yaml")
			if err := os.WriteFile(path, src, 0o600); err != nil {
				t.Fatal(err)
			}
			err = CheckFiles(path)
			if got := fmt.Sprint(err); (err != nil) != (tc.want != nil) || strings.Contains(got, "SECRET") {
				t.Fatal(got)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %s", err, want)
				}
			}
		})
	}
}

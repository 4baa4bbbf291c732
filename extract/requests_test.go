package extract

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	flags "flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

var update = flags.Bool("update", false, "write testdata/requests.golden")

// wiretap answers each kind of request in the simplest way, and writes down what came:
// all of it, as it was on the wire.
type wiretap struct {
	t   *testing.T
	out strings.Builder
	ids map[string]bool // jti
}

func (w *wiretap) title(text string) { fmt.Fprintf(&w.out, "\n## %s\n\n", text) }

func (w *wiretap) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	fmt.Fprintf(&w.out, "%s %s\nHost: %s\n", r.Method, r.RequestURI, r.Host)
	for _, name := range slices.Sorted(keysOf(r.Header)) {
		for _, value := range r.Header[name] {
			if name == "Content-Length" {
				value = "…" // signatures differ in length
			}
			fmt.Fprintf(&w.out, "%s: %s\n", name, value)
		}
	}
	w.body(r.Header.Get("Content-Type"), body)
	w.out.WriteString("\n")
	rightAnswer(res, r)
}

func keysOf(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range h {
			if !yield(name) {
				return
			}
		}
	}
}

func (w *wiretap) body(contentType string, body []byte) {
	switch {
	case len(body) == 0:
	case contentType == "application/x-www-form-urlencoded":
		w.form(body)
	default:
		w.out.WriteString("\n")
		var text bytes.Buffer
		if err := json.Indent(&text, body, "", "  "); err != nil {
			w.t.Errorf("%v: %s", err, body)
		}
		fmt.Fprintf(&w.out, "%s\n", &text)
	}
}

// form shows a form's fields one a line, and an assertion's header and claims.
func (w *wiretap) form(body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		w.t.Error(err)
	}
	w.out.WriteString("\n")
	for _, name := range slices.Sorted(keysOf(http.Header(form))) {
		value := strings.Join(form[name], "\n")
		if name == "client_assertion" {
			value = w.assertion(value)
		}
		fmt.Fprintf(&w.out, "%s=%s\n", name, value)
	}
}

var uuidForm = regexp.MustCompile(`"jti":"([0-9a-f-]{36})"`)

// assertion is a JWT's header and claims, but its jti, which must be another each time.
func (w *wiretap) assertion(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		w.t.Fatalf("not a JWT: %s", token)
	}
	for i, part := range parts[:2] {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			w.t.Fatal(err)
		}
		parts[i] = string(text)
	}
	id := uuidForm.FindStringSubmatch(parts[1])
	if id == nil || w.ids[id[1]] {
		w.t.Fatalf("no jti, or one that was used before: %s", parts[1])
	}
	w.ids[id[1]] = true
	return "\n  " + parts[0] + "\n  " + strings.Replace(parts[1], id[1], "a UUID", 1) + "\n  a signature"
}

// rightAnswer is the right one, with as little as possible in it.
func rightAnswer(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/r4/")
	switch {
	case path == ".well-known/smart-configuration" && r.Host == "fhir.example.org":
		text(w, 200, `{"token_endpoint":"https://auth.example.org/token","capabilities":["permission-v2"]}`)
	case path == "metadata":
		version := "3.0.0"
		if r.Host == "stu4.example.org" {
			version = "4.0.0"
		}
		text(w, 200, `{"resourceType":"CapabilityStatement","rest":[{"operation":[{"name":"export","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export|`+version+`"}],
			"security":{"extension":[{"url":"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris","extension":[{"url":"token","valueUri":"https://`+r.Host+`/token"}]}]}}]}`)
	case r.URL.Path == "/token":
		text(w, 200, `{"access_token":"the-token","token_type":"bearer","expires_in":1}`)
	case strings.HasSuffix(path, "$export"):
		w.Header().Set("Content-Location", "https://"+r.Host+"/r4/status/1")
		w.WriteHeader(http.StatusAccepted)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusAccepted)
	case path == "status/1":
		text(w, 200, `{"transactionTime":"2000-01-01T00:00:00Z","requiresAccessToken":true,"output":[],"link":[{"relation":"next","url":"https://`+r.Host+`/r4/status/1/2"}]}`)
	case path == "status/1/2":
		text(w, 200, `{"transactionTime":"2000-01-01T00:00:00Z","requiresAccessToken":true,"output":[{"type":"Patient","url":"https://`+r.Host+`/r4/files/1"}]}`)
	case path == "Claim":
		text(w, 200, `{"resourceType":"Bundle","type":"searchset","entry":[],"link":[{"relation":"next","url":"https://`+r.Host+`/r4?page=2"}]}`)
	case r.URL.Path == "/r4":
		text(w, 200, `{"resourceType":"Bundle","type":"searchset","entry":[]}`)
	case path == "$bulk-publish":
		w.WriteHeader(http.StatusNotModified)
	case strings.HasPrefix(path, "files/") && r.Header.Get("Range") != "":
		w.Header().Set("Content-Range", "bytes 3-5/6")
		w.Header().Set("ETag", `"v1"`)
		text(w, 206, "{}\n")
	default:
		w.Header().Set("ETag", `"v1"`)
		text(w, 200, "{}\n{}\n")
	}
}

// es384Key is one for ES384 with a fixed id.
func es384Key(t *testing.T) *smart.Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := smart.LoadKey(path, "the-key")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Every request that claimlake sends, all of it, to be read next to the examples of Bulk
// Data and SMART App Launch: a server may refuse whatever is not as they have it.
func TestEveryRequestIsAsTheSpecificationsHaveIt(t *testing.T) {
	signer := es384Key(t)
	tap := &wiretap{t: t, ids: map[string]bool{}}
	of := func(host string, change func(*Options, *http.Client), use func(t *testing.T, c *Client)) {
		bubble(t, tap, use, func(o *Options) {
			o.BaseURL, o.UserAgent = "https://"+host+"/r4", "claimlake/1"
			o.HTTP.Transport.(*http.Transport).DisableCompression = false
			change(o, o.HTTP)
		})
	}
	tokens := func(o *Options, h *http.Client, change func(*smart.Options)) {
		s := smart.Options{BaseURL: o.BaseURL, HTTP: h, ClientID: "the-client", Credential: signer, Types: []string{"Patient", "Claim"}, UserAgent: o.UserAgent}
		change(&s)
		source, err := smart.New(s)
		if err != nil {
			t.Fatal(err)
		}
		o.Tokens = source
	}
	smartTokens := func(o *Options, h *http.Client) { tokens(o, h, func(*smart.Options) {}) }
	none := func(*Options, *http.Client) {}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	e := Export{Level: Patient, Types: []string{"Patient", "Claim"}, Since: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), Method: GET}

	tap.title("An export with a SMART login: discovery, token, kick-off, status, manifest page, file, delete")
	of("fhir.example.org", smartTokens, func(t *testing.T, c *Client) {
		job, err := c.Kickoff(t.Context(), e)
		ok(err)
		m, err := c.Wait(t.Context(), job, time.Hour, Watch{})
		ok(err)
		_, err = collect(t, c.Download(m.Output[0]), NewBuffers(2))
		ok(err)
		ok(c.Delete(t.Context(), job))
	})
	tap.title("A login with a secret, at a server that tells its token endpoint in the CapabilityStatement")
	of("other.example.org", func(o *Options, h *http.Client) {
		tokens(o, h, func(s *smart.Options) {
			s.Credential, s.Scopes = smart.ClientSecret{Secret: redact.New("the-secret")}, []string{"system/*.rs"}
		})
	}, func(t *testing.T, c *Client) {
		ok(c.Delete(t.Context(), Job{StatusURL: "https://other.example.org/r4/status/1"}))
	})
	tap.title("Kick-offs: what is said of the server is read first, where the method depends on it")
	e.Method, e.Lenient = Auto, true
	of("stu3.example.org", none, func(t *testing.T, c *Client) {
		_, err := c.Kickoff(t.Context(), e)
		ok(err)
	})
	e.Patients, e.SeparateExportStatus = []string{"p1", "Patient/p2"}, true
	of("stu4.example.org", none, func(t *testing.T, c *Client) {
		_, err := c.Kickoff(t.Context(), e)
		ok(err)
	})
	tap.title("The rest of a file that was begun")
	of("fhir.example.org", none, func(t *testing.T, c *Client) {
		d := c.Download(fileOf("https://s3.example.org/files/1?sig=1", -1)).From(Mark{Position: Position{2, 3}, Token: `"v1"`})
		for _, err := range d.Pages(t.Context(), NewBuffers(2)) {
			ok(err)
		}
	})
	tap.title("A search, and its next page")
	of("fhir.example.org", none, func(t *testing.T, c *Client) {
		_, err := found(t, c, Search{Type: "Claim", Since: e.Since, Until: e.Since.AddDate(0, 1, 0), Count: 1000})
		ok(err)
	})
	tap.title("What is published, and was read before")
	of("fhir.example.org", none, func(t *testing.T, c *Client) {
		_, err := c.Published(t.Context(), PublishedPage{URL: "https://fhir.example.org/r4/$bulk-publish", ETag: `"v1"`})
		ok(err)
	})

	got := "# Every request that claimlake sends\n" + tap.out.String()
	if *update {
		ok(os.WriteFile(filepath.Join("testdata", "requests.golden"), []byte(got), 0o600))
	}
	golden(t, "requests.golden", got)
}

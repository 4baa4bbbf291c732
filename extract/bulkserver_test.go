package extract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// payer writes a folder with claims, enough for several files, and gives their
// lines, sorted.
func payer(t *testing.T) (dir string, lines []string) {
	t.Helper()
	dir = t.TempDir()
	for _, kind := range []string{"Patient", "ExplanationOfBenefit"} {
		var all strings.Builder
		for i := range 400 {
			line := fmt.Sprintf(`{"resourceType":"%s","id":"%s-%d","meta":{"lastUpdated":"1999-01-01T00:00:00Z"},"text":"%x"}`, kind, strings.ToLower(kind), i, uint64(i+1)*0x9E3779B97F4A7C15)
			all.WriteString(line + "\n")
			lines = append(lines, line)
		}
		if err := os.WriteFile(filepath.Join(dir, kind+".ndjson"), []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bundle := `{"resourceType":"Bundle","type":"transaction","timestamp":"1999-06-01T00:00:00Z","entry":[{"request":{"method":"DELETE","url":"Patient/gone"}}]}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "deleted.ndjson"), []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return dir, lines
}

// exported runs an export from kick-off to delete and gives its lines, sorted.
func exported(t *testing.T, c *Client, e Export) ([]string, error) {
	job, err := c.Kickoff(t.Context(), e)
	if err != nil {
		return nil, err
	}
	m, err := c.Wait(t.Context(), job, 24*time.Hour, Watch{Partial: true})
	if err != nil {
		return nil, err
	}
	var lines []string
	b := NewBuffers(1)
	for _, f := range m.Output {
		d := c.Download(f)
		got, err := collect(t, d, b)
		if err != nil {
			return nil, err
		}
		if problems := d.Transfer().Problems; len(problems) > 0 {
			return nil, errors.New(strings.Join(problems, "; "))
		}
		for line := range strings.Lines(string(got)) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return lines, c.Delete(t.Context(), job)
}

func TestAgainstABulkDataServer(t *testing.T) {
	dir, want := payer(t)
	key, err := smart.GenerateKey(smart.ES384)
	if err != nil {
		t.Fatal(err)
	}
	jwks, err := smart.PublicJWKS(key)
	if err != nil {
		t.Fatal(err)
	}
	client := []fhirtest.Client{{ID: "claimlake", JWKS: jwks}}
	all := Export{Level: System}
	for name, tc := range map[string]struct {
		server fhirtest.Options
		export Export
		err    string
	}{
		"STU1":                         {server: fhirtest.Options{Version: "stu1", Polls: 3}, export: all},
		"STU3, authorized":             {server: fhirtest.Options{Clients: client, Polls: 300}, export: all},
		"STU4, authorized, by POST":    {server: fhirtest.Options{Version: "stu4", Clients: client}, export: Export{Level: Group, Group: "all", Types: []string{"Patient", "ExplanationOfBenefit"}, SeparateExportStatus: true, Lenient: true}},
		"STU4, manifest in pages":      {server: fhirtest.Options{Version: "stu4", PageFiles: 2}, export: Export{Level: System, AllowPartialManifests: true}},
		"STU3, manifest in pages":      {server: fhirtest.Options{PageFiles: 1, Polls: 2}, export: Export{Level: System, AllowPartialManifests: true}},
		"capability URLs":              {server: fhirtest.Options{Clients: client, NoToken: true}, export: all},
		"neither gzip nor lengths":     {server: fhirtest.Options{NoGzip: true, Chunked: true}, export: all},
		"Retry-After in milliseconds":  {server: fhirtest.Options{Polls: 3, RetryAfter: "946684860000"}, export: all},
		"polls that must not be early": {server: fhirtest.Options{Polls: 3, RetryAfter: "30", MinPoll: 30 * time.Second}, export: all},
		"each file cut once, ranges":   {server: fhirtest.Options{NoGzip: true, Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, CutAt: 5000}}}, export: all},
		"each file cut once, gzip":     {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, CutAt: 500}}}, export: all},
		"cut twice, no ranges":         {server: fhirtest.Options{NoGzip: true, Chunked: true, Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, CutAt: 15000}, {Kind: fhirtest.File, Attempt: 2, CutAt: 3000}}}, export: all},
		"a server that falls silent":   {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, Stall: time.Hour, StallAt: 300}}}, export: all},
		"a token that expires":         {server: fhirtest.Options{Clients: client, Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, ExpireToken: true}}}, export: all},
		"a restart that keeps exports": {server: fhirtest.Options{Clients: client, Polls: 2, Faults: []fhirtest.Fault{{Kind: fhirtest.Status, Attempt: 2, Restart: fhirtest.KeepJobs}}}, export: all},
		"links that expire":            {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.File, Match: "Patient-1", Attempt: 1, Expire: true, Status: 403}}}, export: all},
		"busy, failing, dropping": {server: fhirtest.Options{Clients: client, Polls: 2, Faults: []fhirtest.Fault{
			{Kind: fhirtest.Discovery, Attempt: 1, Status: 503}, {Kind: fhirtest.Token, Attempt: 1, Status: 500}, {Kind: fhirtest.Kickoff, Attempt: 1, Status: 429, RetryAfter: "7"},
			{Kind: fhirtest.Status, Attempt: 1, Drop: true}, {Kind: fhirtest.Manifest, Attempt: 1, Status: 502, HTML: true}, {Kind: fhirtest.File, Attempt: 1, Status: 503}, {Kind: fhirtest.Delete, Attempt: 1, Status: 500}}}, export: all},
		"redirected to another host": {server: fhirtest.Options{NoToken: true, Clients: client, Faults: []fhirtest.Fault{{Kind: fhirtest.File, Redirect: "http://files.example.org"}}}, export: all, err: "redirects without end"},
		"damaged in the middle":      {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, Corrupt: fhirtest.GzipTrailer}}}, export: all},
		"an export that fails":       {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.Kickoff, Fail: 500}}}, export: all, err: "answers 500"},
		"an export that is lost":     {server: fhirtest.Options{Polls: 3, Faults: []fhirtest.Fault{{Kind: fhirtest.Status, Attempt: 2, Restart: fhirtest.LoseJobs}}}, export: all, err: "start it again"},
		"counts that are wrong":      {server: fhirtest.Options{Faults: []fhirtest.Fault{{Kind: fhirtest.Manifest, Counts: 1}}}, export: all, err: "the manifest announced"},
		"a file that ends early":     {server: fhirtest.Options{NoGzip: true, Faults: []fhirtest.Fault{{Kind: fhirtest.File, Truncate: 5000}}}, export: all, err: "in the middle of a line"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.server.Dir, tc.server.FileBytes = dir, 20_000
			server, err := fhirtest.New(tc.server)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close() //nolint:errcheck // a temporary folder's
			bubble(t, server, func(t *testing.T, c *Client) {
				got, err := exported(t, c, tc.export)
				if tc.err != "" {
					if err == nil || !strings.Contains(err.Error(), tc.err) {
						t.Errorf("error %v, want %s", err, tc.err)
					}
					return
				}
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%d lines of %d, %v", len(got), len(want), err)
				}
			}, func(o *Options) {
				o.BaseURL = strings.TrimSuffix(base, "/r4")
				if tc.server.Clients != nil {
					if o.Tokens, err = smart.New(smart.Options{BaseURL: o.BaseURL, HTTP: o.HTTP, ClientID: "claimlake", Credential: key}); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

func TestDeletedFileOfABulkDataServer(t *testing.T) {
	dir, _ := payer(t)
	server, err := fhirtest.New(fhirtest.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // a temporary folder's
	bubble(t, server, func(t *testing.T, c *Client) {
		job, err := c.Kickoff(t.Context(), Export{Level: System, Since: time.Date(1999, 2, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.Wait(t.Context(), job, time.Hour, Watch{Partial: true})
		if err != nil || len(m.Output) != 0 || len(m.Deleted) != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		got, err := collect(t, c.Download(m.Deleted[0]), NewBuffers(1))
		if err != nil || !bytes.Contains(got, []byte(`"url":"Patient/gone"`)) {
			t.Errorf("%s, %v", got, err)
		}
	}, func(o *Options) { o.BaseURL = strings.TrimSuffix(base, "/r4") })
}

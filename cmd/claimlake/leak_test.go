package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// mark begins all that must not be seen: a hundred values of patients, in all places
// of resources and of lines that are none, and a secret.
const mark = "MARKED"

// markedResources are lines of which every value that a patient has is marked.
func markedResources() (patients, claims string) {
	n := 0
	next := func() string { n++; return fmt.Sprintf("%s%03d", mark, n) }
	var p, c strings.Builder
	for range 10 {
		fmt.Fprintf(&p, `{"resourceType":"Patient","id":%q,"identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":%q}],"name":[{"family":%q,"given":[%q]}],"telecom":[{"value":%q}],"address":[{"line":[%q]}]}`+"\n", next(), next(), next(), next(), next(), next())
		fmt.Fprintf(&c, `{"resourceType":"Claim","id":%q,"patient":{"reference":"Patient/%s"},"item":[{"productOrService":{"coding":[{"code":%q}]}}]}`+"\n", next(), next(), next())
	}
	for _, broken := range []string{
		`{"resourceType":"Patient","id":%q`, `{"resourceType":"Patient","name":[{"family":%q}]}`, `[%q]`, `{"resourceType":%q,"id":"1"}`, `not JSON %q`,
		`{"resourceType":"Patient","id":"b1","birthDate":%q}`, `{"resourceType":"Patient","id":"b2","active":%q}`, `{"resourceType":"Patient","id":"b3","deceasedDateTime":{"x":%q}}`,
		`{"resourceType":"Patient","id":"b4","newElement":%q}`, `{"resourceType":"Claim","id":"b5","total":{"value":%q}}`,
	} {
		fmt.Fprintf(&p, broken+"\n", next())
	}
	return p.String(), c.String()
}

// leaks are the files of a folder that hold a mark, apart from those that are there to
// hold patients' data.
func leaks(t *testing.T, dir string) (found []string) {
	t.Helper()
	holders := map[string]bool{"runs": true, "snapshots": true, "current": true, "quarantine": true, "archive": true, "warehouse": true}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && holders[d.Name()] {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(mark)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Whatever a server does, and however much is logged, no value of a patient and no
// secret is seen where it has no business.
func TestNothingLeaks(t *testing.T) {
	data := t.TempDir()
	patients, claims := markedResources()
	put(t, filepath.Join(data, "Patient.ndjson"), patients)
	put(t, filepath.Join(data, "Claim.ndjson"), claims)
	put(t, filepath.Join(data, "deleted.ndjson"), `{"resourceType":"Bundle","type":"transaction","timestamp":"2024-06-01T00:00:00Z","entry":[{"request":{"method":"DELETE","url":"Patient/`+mark+`999"}}]}`+"\n")
	file, status, kickoff, manifest := fhirtest.File, fhirtest.Status, fhirtest.Kickoff, fhirtest.Manifest
	for name, faults := range map[string][]fhirtest.Fault{
		"nothing":                   nil,
		"a file is cut once":        {{Kind: file, Attempt: 1, CutAt: 300}},
		"a file is refused":         {{Kind: file, Match: "Claim", Status: 400}},
		"a file ends inside a line": {{Kind: file, Match: "Claim", Truncate: 150}},
		"a file is HTML":            {{Kind: file, Match: "Claim", HTML: true}},
		"a file's gzip is damaged":  {{Kind: file, Match: "Claim", Corrupt: fhirtest.GzipBody}},
		"links expire":              {{Kind: file, Attempt: 1, Expire: true}},
		"a redirect elsewhere":      {{Kind: file, Match: "Claim", Redirect: "http://files.invalid"}},
		"the kick-off fails":        {{Kind: kickoff, Status: 400}},
		"the export fails":          {{Kind: kickoff, Fail: 410}},
		"a poll is HTML":            {{Kind: status, Attempt: 1, HTML: true, Status: 502}, {Kind: manifest, Attempt: 1, HTML: true, Status: 404}},
		"the manifest is no JSON":   {{Kind: manifest, HTML: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var fhir *fhirtest.Server
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Del("Authorization") // the server is open; the secret is sent all the same
				fhir.ServeHTTP(w, r)
			}))
			var err error
			if fhir, err = fhirtest.New(fhirtest.Options{Dir: data, FileBytes: 700, Faults: faults}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				web.Close()
				_ = fhir.Close()
			})
			dir, temp := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", temp)
			secret := put(t, filepath.Join(t.TempDir(), "secret"), mark+"-secret")
			config := put(t, filepath.Join(dir, "c.yaml"), "source:\n  name: payer\n  url: "+web.URL+"\n  auth: {type: bearer, secret_file: "+secret+"}\nexport: {types: [Patient, Claim]}\nwarehouse: {mode: none}\nlimits: {file_retries: 2}\nchecks: {max_rejected: 0}\nmetrics: {file: "+filepath.Join(dir, "metrics.prom")+"}\nlake: {dir: "+filepath.Join(dir, "lake")+", archive: forever}\n")
			var seen strings.Builder
			for n, args := range [][]string{{"source", "check"}, {"sync", "--dry-run"}, {"sync", "--report", filepath.Join(dir, "report.md")}, {"resume", "--report", filepath.Join(dir, "report.json")}, {"cancel"}} {
				_, out, problems := command(t, append(args, "--config", config, "--log-level", "debug", "--log-format", []string{"text", "json"}[n%2])...)
				seen.WriteString(out + problems)
			}
			lake := filepath.Join(dir, "lake")
			for _, args := range [][]string{
				{"runs", "--lake", lake}, {"runs", "1", "--lake", lake}, {"quarantine", "list", "--lake", lake}, {"quarantine", "list", "--values", "--lake", lake},
				{"quarantine", "replay", "1", "--dry-run", "--lake", lake}, {"lake", "verify", "--lake", lake}, {"trace", "patient", "nobody", "--lake", lake},
				{"coverage", filepath.Join(data, "Patient.ndjson")}, {"audit", "export", "--lake", lake}, {"audit", "report", "--lake", lake},
			} {
				_, out, problems := command(t, append(args, "--log-level", "debug")...)
				seen.WriteString(out + problems)
			}
			for _, line := range strings.Split(seen.String(), "\n") {
				if strings.Contains(line, mark) {
					t.Errorf("printed: %s", line)
				}
			}
			for _, path := range append(leaks(t, dir), leaks(t, temp)...) {
				t.Errorf("left in %s", path)
			}
		})
	}
}

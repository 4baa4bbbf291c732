package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

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

// misfortune is what a server does while the marked resources are exported.
type misfortune struct {
	name   string
	faults []fhirtest.Fault
}

func misfortunes() []misfortune {
	file, status, kickoff, manifest := fhirtest.File, fhirtest.Status, fhirtest.Kickoff, fhirtest.Manifest
	return []misfortune{
		{"nothing", nil},
		{"a file is cut once", []fhirtest.Fault{{Kind: file, Attempt: 1, CutAt: 300}}},
		{"a file is refused", []fhirtest.Fault{{Kind: file, Match: "Claim", Status: 400}}},
		{"a file ends inside a line", []fhirtest.Fault{{Kind: file, Match: "Claim", Truncate: 150}}},
		{"a file is HTML", []fhirtest.Fault{{Kind: file, Match: "Claim", HTML: true}}},
		{"a file's gzip is damaged", []fhirtest.Fault{{Kind: file, Match: "Claim", Corrupt: fhirtest.GzipBody}}},
		{"links expire", []fhirtest.Fault{{Kind: file, Attempt: 1, Expire: true}}},
		{"a redirect elsewhere", []fhirtest.Fault{{Kind: file, Match: "Claim", Redirect: "http://files.invalid"}}},
		{"the kick-off fails", []fhirtest.Fault{{Kind: kickoff, Status: 400}}},
		{"the export fails", []fhirtest.Fault{{Kind: kickoff, Fail: 410}}},
		{"a poll is HTML", []fhirtest.Fault{{Kind: status, Attempt: 1, HTML: true, Status: 502}, {Kind: manifest, Attempt: 1, HTML: true, Status: 404}}},
		{"the manifest is no JSON", []fhirtest.Fault{{Kind: manifest, HTML: true}}},
	}
}

// redactionCheck is the marked resources, a server that has them, and commands that see
// them, below a folder of its own.
type redactionCheck struct {
	dir string
	out strings.Builder // of all commands
}

// errNotRun says that a check looked at nothing.
var errNotRun = errors.New("the commands did not do what they are to be watched at")

// run exports and loads the marked resources from a server that has a misfortune, looks
// at them with every command that may, and gives what was seen of them where it has no
// business: lines that were printed, and files.
func (c *redactionCheck) run(ctx context.Context, m misfortune) (leaks []string, err error) {
	patients, claims := markedResources()
	secret, config, lake := filepath.Join(c.dir, "..", "secret"), filepath.Join(c.dir, "c.yaml"), filepath.Join(c.dir, "lake")
	data := filepath.Join(c.dir, "..", "data")
	fhir, url, stop, err := c.serve(data, m, map[string]string{
		"Patient.ndjson": patients, "Claim.ndjson": claims,
		"deleted.ndjson": `{"resourceType":"Bundle","type":"transaction","timestamp":"2024-06-01T00:00:00Z","entry":[{"request":{"method":"DELETE","url":"Patient/` + mark + `999"}}]}` + "\n",
	})
	if err != nil {
		return nil, err
	}
	defer stop()
	text := fmt.Sprintf("source:\n  name: payer\n  url: %q\n  auth: {type: bearer, secret_file: %q}\nexport: {types: [Patient, Claim]}\nwarehouse: {mode: none}\nlimits: {file_retries: 2}\nchecks: {max_rejected: 0}\nmetrics: {file: %q}\nlake: {dir: %q, archive: forever}\n",
		url, secret, filepath.Join(c.dir, "metrics.prom"), lake)
	if err := errors.Join(os.WriteFile(secret, []byte(mark+"-secret\n"), 0o600), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	for n, args := range [][]string{{"source", "check"}, {"sync", "--dry-run"}, {"sync", "--report", filepath.Join(c.dir, "report.md")}, {"resume", "--report", filepath.Join(c.dir, "report.json")}, {"cancel"}} {
		c.command(ctx, append(args, "--config", config, "--log-format", []string{"text", "json"}[n%2])...)
	}
	for _, args := range [][]string{
		{"runs"}, {"runs", "1"}, {"quarantine", "list"}, {"quarantine", "list", "--values"}, {"quarantine", "replay", "1", "--dry-run"},
		{"lake", "verify"}, {"trace", "patient", "nobody"}, {"audit", "export"}, {"audit", "report"},
	} {
		c.command(ctx, append(args, "--lake", lake)...)
	}
	c.command(ctx, "coverage", filepath.Join(data, "Patient.ndjson"))
	if c.out.Len() == 0 || fhir.Requests() == 0 {
		return nil, errNotRun
	}
	for line := range strings.Lines(c.out.String()) {
		if strings.Contains(line, mark) {
			leaks = append(leaks, "printed: "+strings.TrimSpace(line))
		}
	}
	found, err := marked(c.dir)
	for _, path := range found {
		leaks = append(leaks, "left in "+path)
	}
	return leaks, err
}

// command runs a command line, at the most talkative level.
func (c *redactionCheck) command(ctx context.Context, args ...string) {
	runOn(ctx, append(args, "--log-level", "debug"), &c.out, &c.out)
}

// serve starts an open server of files, that is sent the secret all the same.
func (c *redactionCheck) serve(dir string, m misfortune, files map[string]string) (fhir *counted, url string, stop func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", nil, err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, "", nil, err
		}
	}
	server, err := fhirtest.New(fhirtest.Options{Dir: dir, FileBytes: 700, Faults: m.faults})
	if err != nil {
		return nil, "", nil, err
	}
	fhir = &counted{next: server}
	web := httptest.NewServer(fhir)
	return fhir, web.URL, func() {
		web.Close()
		_ = server.Close()
	}, nil
}

// marked are the files below a folder that hold a mark, apart from those that are there
// to hold patients' data.
func marked(dir string) (found []string, err error) {
	holders := map[string]bool{"runs": true, "snapshots": true, "current": true, "quarantine": true, "archive": true, "warehouse": true}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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
	return found, err
}

// counted counts the requests that a server gets, and keeps the token from it.
type counted struct {
	next     http.Handler
	requests atomic.Int64
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	r.Header.Del("Authorization")
	c.next.ServeHTTP(w, r)
}

// Requests is how many there were.
func (c *counted) Requests() int64 { return c.requests.Load() }

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/leak"
)

// redactionCheck runs commands on marked resources and secrets, and looks for the marks
// where they have no business.
type redactionCheck struct {
	dir    string // all that claimlake writes, which is looked at
	setup  string // the resources, keys and secrets, which are not
	engine bool   // load into the embedded ClickHouse too

	config, lake, data, mapping, view string // paths

	marks    leak.Marks
	told     bytes.Buffer // by all commands, where it has no business with patients' data
	listed   string       // by the last of them
	leaks    []string
	secrets  int // marked ones that claimlake had
	children int // processes that were seen, where the system shows them
}

// errNotRun says that a check looked at less than it is there for.
var errNotRun = errors.New("a command did not do what it is to be watched at")

// newRedactionCheck makes the folders below root.
func newRedactionCheck(root string, engine bool) (*redactionCheck, error) {
	c := &redactionCheck{dir: filepath.Join(root, "watched"), setup: filepath.Join(root, "setup"), engine: engine, marks: leak.Marks{leak.Mark}}
	c.config, c.lake = filepath.Join(c.setup, "claimlake.yaml"), filepath.Join(c.dir, "lake")
	c.data, c.mapping, c.view = filepath.Join(c.setup, "data"), filepath.Join(c.setup, "patient.yaml"), filepath.Join(c.setup, "view.json")
	patients, claims := markedResources()
	files := map[string]string{
		filepath.Join(c.data, "Patient.ndjson"): patients, filepath.Join(c.data, "Claim.ndjson"): claims,
		filepath.Join(c.data, "deleted.ndjson"): markedDeletion, c.mapping: watchedMapping, c.view: watchedView,
		c.key("hook"): leak.Mark + "-hook\n", c.key("collector"): leak.Mark + "-collector\n", c.key("reader"): leak.Mark + "-reader\n", c.key("wrong"): leak.Mark + "-wrong\n",
	}
	c.secrets = 4
	for path, content := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			return nil, err
		}
	}
	return c, os.MkdirAll(c.temp(), 0o700)
}

// temp is the folder that temporary files have to be in for the check to see them.
func (c *redactionCheck) temp() string { return filepath.Join(c.dir, "tmp") }

func (c *redactionCheck) key(name string) string { return filepath.Join(c.setup, "keys", name) }

// run exports and loads the marked resources from a server that has a misfortune. Where
// it has none, every other command that sees them or a secret is run too.
func (c *redactionCheck) run(ctx context.Context, m misfortune) error {
	well := m.faults == nil
	if err := c.all(ctx, c.preparing(), true); err != nil {
		return err
	}
	if err := c.mark("client.pem", "seal.json", "policy"); err != nil {
		return err
	}
	server, err := c.serve(m)
	if err != nil {
		return err
	}
	defer server.close()
	if err := c.configure(server, well && c.engine); err != nil {
		return err
	}
	stop := c.watchProcesses()
	err = c.all(ctx, c.loading(), well)
	if well && err == nil {
		err = errors.Join(c.all(ctx, c.accepting(), true), c.all(ctx, c.looking(), true))
	}
	if well && c.engine {
		err = errors.Join(err, c.reader(ctx))
	}
	if well {
		err = errors.Join(err, c.rebuild(ctx))
	}
	c.secrets += server.secrets()
	c.leaks = append(c.leaks, stop()...)
	return errors.Join(err, server.err(), c.look())
}

// look gathers what was seen of the marks.
func (c *redactionCheck) look() error {
	for _, line := range c.marks.Lines(c.told.String()) {
		c.leaks = append(c.leaks, "printed: "+line)
	}
	// Parquet, the engine's tables and exported files hold patients' data.
	found, err := c.marks.Files(c.dir, "runs", "snapshots", "current", "store", "exported", "fhir-server-*")
	for _, path := range found {
		c.leaks = append(c.leaks, "left in "+path)
	}
	return err
}

// all runs commands, at the most talkative level.
func (c *redactionCheck) all(ctx context.Context, commands []watched, well bool) error {
	for n, w := range commands {
		var out, problems bytes.Buffer
		args := append(slices.Clone(w.args), "--log-level", "debug", "--log-format", []string{"text", "json"}[n%2])
		code := runOn(ctx, args, &out, &problems)
		if failed := code == exitFailed || code == exitUsage; well && failed != w.fails {
			return fmt.Errorf("%w: %s: exit code %d: %s", errNotRun, strings.Join(w.args, " "), code, lastLine(problems.String()))
		}
		c.listed = out.String()
		switch {
		case !w.shows:
			_, _ = c.told.WriteString(out.String())
		case well && !strings.Contains(c.listed, leak.Mark):
			return fmt.Errorf("%w: %s shows nothing", errNotRun, strings.Join(w.args, " "))
		}
		_, _ = c.told.WriteString(problems.String())
	}
	return nil
}

// lastLine is where a command says what went wrong.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// secret is what a generated key looks like, in any of its files.
var secret = regexp.MustCompile(`[A-Za-z0-9+/_-]{40,}={0,2}`)

// mark has what is in key files looked for as well.
func (c *redactionCheck) mark(names ...string) error {
	for _, name := range names {
		text, err := os.ReadFile(c.key(name))
		found := secret.FindAllString(string(text), -1)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("%w: %s holds no key", errNotRun, name)
		}
		if err != nil {
			return err
		}
		c.marks = append(c.marks, found...)
		c.secrets++
	}
	return nil
}

// configure writes the configuration.
func (c *redactionCheck) configure(s *markedServer, engine bool) error {
	warehouse := "none"
	if engine {
		warehouse = "embedded"
	}
	text := fmt.Sprintf(`source:
  name: payer
  url: %q
  auth: {type: smart, client_id: claimlake, key_file: %q}
export: {types: [Patient, Claim]}
warehouse: {mode: %s}
limits: {file_retries: 2}
checks: {max_rejected: 0.05}
metrics: {file: %q}
lake: {dir: %q, archive: forever}
seal: {key_file: %q}
policy: {key_file: %q, columns: [{match: ["*_telecom.value"], action: pseudonymise}]}
on_promote: [{name: marts, url: %q, secret_file: %q}]
traces: {url: %q, secret_file: %q}
`, s.url, c.key("client.pem"), warehouse, filepath.Join(c.dir, "metrics.prom"), c.lake, c.key("seal.json"), c.key("policy"), s.hook+"?key="+leak.Mark+"-query", c.key("hook"), s.hook+"/v1/traces?key="+leak.Mark+"-traces", c.key("collector"))
	return os.WriteFile(c.config, []byte(text), 0o600)
}

// brokenFile is the first file that quarantine list names.
func (c *redactionCheck) brokenFile() string {
	return regexp.MustCompile(`\boutput-[0-9]+|\b0[0-9]{3}\b`).FindString(c.listed)
}

// markedServer is a FHIR server that has the marked resources, marks all it tells, and
// takes messages.
type markedServer struct {
	fhir      *fhirtest.Server
	url, hook string
	close     func()

	mu       sync.Mutex
	messages []byte
}

func (c *redactionCheck) serve(m misfortune) (*markedServer, error) {
	jwks := new(bytes.Buffer)
	if runOn(context.Background(), []string{"keys", "jwks", c.key("client.pem")}, jwks, io.Discard) != exitDone {
		return nil, errNotRun
	}
	fhir, err := fhirtest.New(fhirtest.Options{
		Dir: c.data, FileBytes: 1, Faults: m.faults, Mark: leak.Mark, // a file for each line
		Clients: []fhirtest.Client{{ID: "claimlake", JWKS: jwks.Bytes()}},
	})
	if err != nil {
		return nil, err
	}
	s := &markedServer{fhir: fhir}
	web := httptest.NewServer(fhir)
	hook := httptest.NewServer(http.HandlerFunc(s.refuse))
	s.url, s.hook = web.URL, hook.URL
	s.close = func() {
		web.Close()
		hook.Close()
		_ = fhir.Close()
	}
	return s, nil
}

// refuse takes a message, and says that it does not.
func (s *markedServer) refuse(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, body...)
	http.Error(w, leak.Mark+" is no patient of ours", http.StatusBadRequest)
}

// err says what was wrong with the messages.
func (s *markedServer) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(s.messages, []byte(leak.Mark)) {
		return errors.New("a message to another system holds a marked value")
	}
	return nil
}

// secrets is how many the server gave: tokens, and links that are signed.
func (s *markedServer) secrets() int {
	distinct := map[string]bool{}
	for n, r := range s.fhir.Requests() {
		if r.Kind == fhirtest.Token {
			distinct[fmt.Sprint(n)] = true
		} else {
			distinct[r.Path] = true
		}
	}
	return len(distinct)
}

package pipeline

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/bubbletest"
	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/leak"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/seal"
)

var update = flag.Bool("update", false, "write docs/faults.md")

const faultsDoc = "../../docs/faults.md"

// servedClaims are what the server of the matrix has: three files of them, which
// gzip does not make much smaller. What would be a patient's is marked.
func servedClaims() []string {
	var lines []string
	for i := range 30 {
		id := fmt.Sprintf("%016x%016x", uint64(i+1)*0x9E3779B97F4A7C15, uint64(i+7)*0xC2B2AE3D27D4EB4F)
		lines = append(lines, fmt.Sprintf(`{"resourceType":"Claim","id":%q,"patient":{"reference":"Patient/%s%d"},"item":[{"net":{"value":%d}}]}`, leak.Mark+id, leak.Mark, i%4, i))
	}
	return lines
}

// servedItems are the rows of claim_item that they become.
func servedItems() []string {
	var rows []string
	for i, line := range servedClaims() {
		_, rest, _ := strings.Cut(line, `"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		rows = append(rows, fmt.Sprintf("%s|1|%d.0000", id, i))
	}
	slices.Sort(rows)
	return rows
}

// wireKind is a column of the matrix.
type wireKind struct {
	name   string
	server fhirtest.Options
}

func wireKinds() []wireKind {
	return []wireKind{
		{"identity, Range", fhirtest.Options{NoGzip: true}},
		{"identity, no Range", fhirtest.Options{NoGzip: true, Chunked: true}},
		{"gzip, Range", fhirtest.Options{}},
		{"gzip, no Range", fhirtest.Options{Chunked: true}},
	}
}

// Whatever a server does, a sync has what it served, or says that it has not and
// shows nothing; and then the same sync completes it once the server is well. Nothing
// that is a patient's, no secret and no word of the server is seen where it has no
// business.
func TestFaults(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	// The encoder that all Parquet parts share has a channel too: that of no bubble.
	if _, err := flatten(t, options(t, t.TempDir(), nil), write(t, filepath.Join(t.TempDir(), "first.ndjson"), claimLine("1", monday, "1"))); err != nil {
		t.Fatal(err)
	}
	type cell struct{ group, row, column int }
	outcomes := map[cell]string{}
	groups := faultGroups()
	for g, group := range groups {
		for r, c := range group.cases {
			t.Run(group.step+"/"+c.fault, func(t *testing.T) {
				emptyPools()
				bubbletest.Run(t, func(t *testing.T) {
					for k, outcome := range c.row(t) {
						outcomes[cell{g, r, k}] = outcome
					}
				})
			})
		}
	}
	emptyPools()
	if t.Failed() || flag.Lookup("test.run").Value.String() != "" && !*update {
		return // a part of the matrix is no document
	}
	checkFaultsDoc(t, groups, func(g, r, k int) string { return outcomes[cell{g, r, k}] })
}

// emptyPools drops what earlier tests left in a sync.Pool: zstd's encoders have
// channels, which must not be used in another bubble than the one they are from. A
// pool survives one collection.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}

// row runs the case's cells, all at once.
func (c faultCase) row(t *testing.T) []string {
	kinds := wireKinds()
	outcomes := make([]string, len(kinds))
	var cells sync.WaitGroup
	for k, kind := range kinds {
		cells.Go(func() { outcomes[k] = c.run(t, kind) })
	}
	cells.Wait()
	return outcomes
}

// run syncs from a server that has the fault, and says what became of it.
func (c faultCase) run(t *testing.T, kind wireKind) string {
	m := c.start(t, kind)
	defer m.leaksNothing(t)
	err := m.sync(t)
	switch {
	case c.loses:
		if err != nil || !strings.Contains(m.log.String(), "announced") {
			t.Errorf("%s: a loss that only the count shows: %v, log:\n%s", kind.name, err, m.log.String())
		}
		return "what came; the log says that lines are missing"
	case err == nil:
		m.complete(t)
		return m.how()
	}
	if got := items(t, m.lake); len(got) > 0 {
		t.Errorf("%s: an incomplete run shows %d rows", kind.name, len(got))
	}
	exports := m.count(fhirtest.Kickoff)
	m.server.SetFaults()
	if again := m.sync(t); again != nil {
		t.Errorf("%s: the fault is gone, and the same sync fails: %v\nbefore: %v", kind.name, again, err)
	}
	m.complete(t)
	if m.count(fhirtest.Kickoff) > exports {
		return "stops; the next sync asks anew and has all"
	}
	return "stops; the next sync goes on and has all"
}

// matrixRun is one cell of the matrix.
type matrixRun struct {
	server  bulkServer
	lake    string
	beside  string // folder of the audit trail and the metrics
	export  extract.Export
	key     *smart.Key // nil: an open server
	log     *lockedBuffer
	options Options
}

// protect does to a run what one with patients' data has: sealed files, an audit
// trail, an archive and metrics.
func (m *matrixRun) protect(t *testing.T) {
	t.Helper()
	keys, err := seal.Generate(nil)
	if err == nil {
		m.options.Keys, err = seal.Parse(keys, nil)
	}
	if err == nil {
		m.options.Audit, err = audit.Open(audit.Options{Dir: m.beside})
	}
	if err != nil {
		t.Fatal(err)
	}
	m.options.Archive, m.options.Metrics = true, metrics.New()
}

// leaksNothing looks for marks in all that a run told and left, apart from its tables.
func (m *matrixRun) leaksNothing(t *testing.T) {
	t.Helper()
	if err := m.options.Metrics.WriteFile(filepath.Join(m.beside, "metrics.prom")); err != nil {
		t.Error(err)
	}
	marks := leak.Marks{leak.Mark}
	for _, line := range marks.Lines(m.log.String()) {
		t.Error("told:", line)
	}
	for dir, holders := range map[string][]string{m.lake: {"runs", "snapshots", "current"}, m.beside: nil, os.TempDir(): {"fhir-server-*", "TestFaults*"}} {
		found, err := marks.Files(dir, holders...)
		if err != nil {
			t.Error(err)
		}
		for _, path := range found {
			t.Error("left in", path)
		}
	}
}

func (c faultCase) start(t *testing.T, kind wireKind) *matrixRun {
	t.Helper()
	in := t.TempDir()
	write(t, filepath.Join(in, "Claim.ndjson"), servedClaims()...)
	o := kind.server
	o.Dir, o.FileBytes, o.Faults, o.Mark = in, 1600, c.faults, leak.Mark
	m := &matrixRun{lake: t.TempDir(), beside: t.TempDir(), export: extract.Export{Level: extract.System, Types: []string{"Claim"}}, log: &lockedBuffer{}}
	if c.server != nil {
		c.server(&o)
	}
	if c.export != nil {
		c.export(&m.export)
	}
	if c.smart {
		m.key = clientKey(t, &o)
	}
	m.server = startBulkServer(t, o)
	m.options = options(t, m.lake, nil)
	m.options.Kind, m.options.Resume, m.options.Workers, m.options.Files = "sync", true, 1, 1
	m.options.Log = slog.New(slog.NewTextHandler(m.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	m.protect(t)
	return m
}

// clientKey registers a client at the server.
func clientKey(t *testing.T, o *fhirtest.Options) *smart.Key {
	t.Helper()
	key, err := smart.GenerateKey("ES384")
	if err != nil {
		t.Fatal(err)
	}
	public, err := smart.PublicJWKS(key)
	if err != nil {
		t.Fatal(err)
	}
	o.Clients = []fhirtest.Client{{ID: "claimlake", JWKS: public}}
	return key
}

const matrixBase = "http://fhir.example.org"

// sync runs claimlake as a new process would.
func (m *matrixRun) sync(t *testing.T) error {
	t.Helper()
	var tokens extract.TokenSource
	if m.key != nil {
		source, err := smart.New(smart.Options{BaseURL: matrixBase, HTTP: m.server.http, ClientID: "claimlake", Credential: m.key, Types: m.export.Types})
		if err != nil {
			t.Fatal(err)
		}
		tokens = source
	}
	client, err := extract.New(extract.Options{BaseURL: matrixBase, HTTP: m.server.http, Tokens: tokens, Logger: m.options.Log})
	if err != nil {
		t.Fatal(err)
	}
	source := &Server{client: client, export: m.export, deadline: 24 * time.Hour, observer: quiet{}, log: m.options.Log, hashes: map[string]string{}, short: map[string]string{}}
	_, err = Run(context.Background(), m.options, source)
	if err != nil {
		m.options.Log.Error(err.Error(), "whole", fmt.Sprintf("%+v", err))
	}
	return err
}

// complete checks that the lake has what was served, each record once.
func (m *matrixRun) complete(t *testing.T) {
	t.Helper()
	if got := items(t, m.lake); !slices.Equal(got, servedItems()) {
		t.Errorf("%d rows, where %d were served; log:\n%s", len(got), len(servedItems()), m.log.String())
	}
}

func (m *matrixRun) count(kind fhirtest.Kind) (n int) {
	for _, r := range m.server.Requests() {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// how says by which way a complete run got its files.
func (m *matrixRun) how() string {
	asked, ranged, names := 0, false, map[string]bool{}
	for _, r := range m.server.Requests() {
		if r.Kind == fhirtest.File {
			asked++
			names[filepath.Base(r.Path)] = true
			ranged = ranged || r.Status == http.StatusPartialContent
		}
	}
	switch {
	case ranged:
		return "all, the rest by Range"
	case asked > len(names):
		return "all, files asked again"
	}
	return "all"
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// checkFaultsDoc compares the document with what happened.
func checkFaultsDoc(t *testing.T, groups []faultGroup, outcome func(g, r, k int) string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(faultsIntro)
	for g, group := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n| what the server does | what claimlake does |", group.step)
		for _, k := range wireKinds() {
			fmt.Fprintf(&b, " %s |", k.name)
		}
		b.WriteString("\n|---|---|" + strings.Repeat("---|", len(wireKinds())) + "\n")
		for r, c := range group.cases {
			fmt.Fprintf(&b, "| %s | %s |", c.fault, c.does)
			for k := range wireKinds() {
				fmt.Fprintf(&b, " %s |", outcome(g, r, k))
			}
			b.WriteString("\n")
		}
	}
	if *update {
		if err := os.WriteFile(faultsDoc, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(faultsDoc); err != nil || string(have) != b.String() {
		t.Errorf("docs/faults.md is not what happens (%v): go test ./internal/pipeline -update", err)
	}
}

const faultsIntro = `# What may go wrong, and what claimlake does

Made by a test that runs a sync for each cell: a real Bulk Data server, written in
this repository, does what the row says to each file or request, once or each time,
and the outcome is what happened. The columns are whether the server compresses
files, and whether it serves ranges of them; without them it sends no
Content-Length and no ETag either.

"All" means that the lake has exactly the served records, each once. "Stops" means
that the command failed and said why, that readers see nothing of the run, and that
the same command, once the server was well, completed it with exactly the served
records.
`

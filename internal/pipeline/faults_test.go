package pipeline

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
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

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/bubbletest"
	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/leak"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/racetest"
	"github.com/claimlake/claimlake/internal/seal"
)

var update = flag.Bool("update", false, "write docs/faults.md")

const faultsDoc = "../../docs/faults.md"

// served is what the server of the matrix has at a time: three files of claims, which
// gzip does not make much smaller. What would be a patient's is marked.
type served []string

func servedClaims() served {
	var lines served
	for i := range 30 {
		lines = append(lines, servedClaim(i, i))
	}
	return lines
}

// laterClaims are what it has when all is asked for again: of those before one is deleted,
// two have changed, and one is new.
func laterClaims() served {
	lines := slices.Delete(servedClaims(), 4, 5)
	lines[2], lines[20] = servedClaim(2, 1002), servedClaim(21, 1021)
	return append(lines, servedClaim(30, 30))
}

// servedClaim is a claim of one line; what it has changed since has other nets.
func servedClaim(i, net int) string {
	id := fmt.Sprintf("%016x%016x", uint64(i+1)*0x9E3779B97F4A7C15, uint64(i+7)*0xC2B2AE3D27D4EB4F)
	return fmt.Sprintf(`{"resourceType":"Claim","id":%q,"meta":{"lastUpdated":"1999-%02d-01T00:00:00Z"},"patient":{"reference":"Patient/%s%d"},"item":[{"net":{"value":%d}}]}`, leak.Mark+id, 1+net/1000, leak.Mark, i%4, net)
}

// items are the rows of claim_item that they become.
func (s served) items() []string {
	var rows []string
	for _, line := range s {
		rows = append(rows, fmt.Sprintf("%s|1|%s.0000", gjson.Get(line, "id").Str, gjson.Get(line, "item.0.net.value").Raw))
	}
	slices.Sort(rows)
	return rows
}

// wireKind is how files come to a cell of the matrix.
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

// Whatever a server does, once or for ever: exit 0 means that readers see what it has, and
// anything else that they see what they saw before; no row is deleted that it has. Then
// the same sync completes it once the server is well. Nothing that is a patient's, no
// secret and no word of the server is seen where it has no business.
func TestFaults(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	// The encoder that all Parquet parts share has a channel too: that of no bubble.
	if _, err := flatten(t, options(t, t.TempDir(), nil), write(t, filepath.Join(t.TempDir(), "first.ndjson"), claimLine("1", monday, "1"))); err != nil {
		t.Fatal(err)
	}
	good := goodSync{lake: t.TempDir(), aside: t.TempDir()}
	emptyPools()
	bubbletest.Run(t, func(t *testing.T) { good.sync(t) })
	outcomes := map[faultCell]string{}
	groups := faultGroups()
	for g, group := range groups {
		for r, c := range group.cases {
			cells := group.cells(g, r)
			if racetest.Enabled { // which sees the same code in each: all kinds of them come by turns
				cells = cells[r%len(cells):][:1]
			}
			t.Run(group.step+"/"+c.fault, func(t *testing.T) {
				emptyPools()
				bubbletest.Run(t, func(t *testing.T) { c.row(t, good, cells, outcomes) })
			})
		}
	}
	emptyPools()
	if t.Failed() || racetest.Enabled || flag.Lookup("test.run").Value.String() != "" && !*update {
		return // a part of the matrix is no document
	}
	checkFaultsDoc(t, groups, outcomes)
}

// emptyPools drops what earlier tests left in a sync.Pool: zstd's encoders have
// channels, which must not be used in another bubble than the one they are from. A
// pool survives one collection.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}

// faultCell is a run of the matrix: a row, the way of its files, and what came before.
type faultCell struct {
	group, row, kind int
	full             bool // a sync of everything, after a good one
}

// cells are those of a row. How files come makes a difference where the fault is in them;
// in a full sync two ways of them do.
func (g faultGroup) cells(group, row int) (cells []faultCell) {
	for k := range wireKinds() {
		if !g.files && k != gzipRange {
			continue
		}
		cells = append(cells, faultCell{group, row, k, false})
		if !g.files || k == identityRange || k == gzipAlone {
			cells = append(cells, faultCell{group, row, k, true})
		}
	}
	return cells
}

// Indexes of wireKinds.
const (
	identityRange = 0
	gzipRange     = 2
	gzipAlone     = 3
)

// row runs the case's cells, all at once.
func (c faultCase) row(t *testing.T, good goodSync, cells []faultCell, outcomes map[faultCell]string) {
	got := make([]string, len(cells))
	var all sync.WaitGroup
	for i, cell := range cells {
		all.Go(func() { got[i] = c.run(t, good, cell) })
	}
	all.Wait()
	for i, cell := range cells {
		outcomes[cell] = got[i]
	}
}

// goodSync is a lake after a sync that all was well with.
type goodSync struct {
	lake, aside string
	keys        *seal.Keys
}

func (g *goodSync) sync(t *testing.T) {
	m := faultCase{}.start(t, *g, faultCell{kind: gzipRange})
	must(t, m.sync(t))
	m.complete(t)
	g.keys = m.options.Keys
	must(t, errors.Join(copyTree(g.lake, m.lake), copyTree(g.aside, m.aside)))
}

// copyTree copies a folder, with the modes that keep secrets.
func copyTree(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return os.Chmod(path, 0o600)
	})
}

// run syncs from a server that has the fault, and says what became of it.
func (c faultCase) run(t *testing.T, good goodSync, cell faultCell) string {
	m := c.start(t, good, cell)
	defer m.leaksNothing(t)
	err := m.sync(t)
	if err == nil {
		m.complete(t)
		return m.how()
	}
	m.asBefore(t, err)
	exports := m.count(fhirtest.Kickoff)
	m.server.SetFaults()
	if errors.Is(err, ErrHeld) {
		m.accept(t)
		return "held back"
	}
	if again := m.sync(t); again != nil {
		t.Errorf("%s: the fault is gone, and the same sync fails: %v\nbefore: %v", m.name, again, err)
	}
	m.complete(t)
	if m.count(fhirtest.Kickoff) > exports {
		return "stops; then starts over"
	}
	return "stops; then goes on"
}

// matrixRun is one cell of the matrix.
type matrixRun struct {
	name          string
	before, after served // what readers see before the sync, and what the server has
	search        bool
	server        bulkServer
	lake          string
	aside         string // folder of the audit trail and the metrics
	export        extract.Export
	key           *smart.Key // nil: an open server
	log           *lockedBuffer
	options       Options
	report        Report
}

// protect does to a run what one with patients' data has: sealed files, an audit
// trail, an archive and metrics.
func (m *matrixRun) protect(t *testing.T) {
	t.Helper()
	if m.options.Keys == nil {
		keys, err := seal.Generate(nil)
		if err == nil {
			m.options.Keys, err = seal.Parse(keys, nil)
		}
		must(t, err)
	}
	var err error
	m.options.Audit, err = audit.Open(audit.Options{Dir: m.aside})
	must(t, err)
	m.options.Archive, m.options.Metrics = true, metrics.New()
}

// leaksNothing looks for marks in all that a run told and left, apart from its tables.
func (m *matrixRun) leaksNothing(t *testing.T) {
	t.Helper()
	if err := m.options.Metrics.WriteFile(filepath.Join(m.aside, "metrics.prom")); err != nil {
		t.Error(err)
	}
	marks := leak.Marks{leak.Mark}
	for _, line := range marks.Lines(m.log.String()) {
		t.Error("told:", line)
	}
	for dir, holders := range map[string][]string{m.lake: {"runs", "snapshots", "current"}, m.aside: nil, os.TempDir(): {"fhir-server-*", "TestFaults*"}} {
		found, err := marks.Files(dir, holders...)
		if err != nil {
			t.Error(err)
		}
		for _, path := range found {
			t.Error("left in", path)
		}
	}
}

func (c faultCase) start(t *testing.T, good goodSync, cell faultCell) *matrixRun {
	t.Helper()
	kind := wireKinds()[cell.kind]
	in := t.TempDir()
	m := &matrixRun{name: kind.name, after: servedClaims(), search: c.search, lake: t.TempDir(), aside: t.TempDir(), export: extract.Export{Level: extract.System, Types: []string{"Claim"}}, log: &lockedBuffer{}}
	if cell.full {
		m.name += ", in a full sync"
		m.before, m.after = servedClaims(), laterClaims()
		must(t, errors.Join(copyTree(m.lake, good.lake), copyTree(m.aside, good.aside)))
		time.Sleep(24 * time.Hour) // the good one was yesterday's
	}
	write(t, filepath.Join(in, "Claim.ndjson"), m.after...)
	o := kind.server
	o.Dir, o.FileBytes, o.Faults, o.Mark = in, 2600, c.faults, leak.Mark
	o.Totals, o.PageMatches = true, 12
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
	m.options.Kind, m.options.Resume, m.options.Workers, m.options.Files, m.options.Full = "sync", true, 1, 1, cell.full
	m.options.Keys = good.keys
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
	return m.syncIn(context.Background(), t)
}

func (m *matrixRun) syncIn(ctx context.Context, t *testing.T) error {
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
	var source Source = &Server{client: client, export: m.export, deadline: 3 * time.Hour, observer: quiet{}, log: m.options.Log, hashes: map[string]string{}, short: map[string]string{}}
	if m.search {
		source = &Search{client: client, export: m.export, observer: quiet{}, totals: map[string]int64{}}
	}
	m.report, err = Run(ctx, m.options, source)
	if err != nil {
		m.options.Log.Error(err.Error(), "whole", fmt.Sprintf("%+v", err))
	}
	return err
}

// complete checks that readers see what the server has, each record once. What it deleted
// may still be there where a finding says that nobody could know.
func (m *matrixRun) complete(t *testing.T) {
	t.Helper()
	got, want := items(t, m.lake), m.after.items()
	if slices.ContainsFunc(m.report.Findings, func(f ledger.Finding) bool { return f.Check == absencesCheck }) {
		gone := slices.DeleteFunc(m.before.items(), func(row string) bool { return m.after.has(row) })
		got = slices.DeleteFunc(got, func(row string) bool { return slices.Contains(gone, row) })
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d rows, where %d are served; log:\n%s", m.name, len(got), len(want), m.log.String())
	}
}

// has reports whether a row's claim is among what is served.
func (s served) has(row string) bool {
	id, _, _ := strings.Cut(row, "|")
	return slices.ContainsFunc(s, func(line string) bool { return gjson.Get(line, "id").Str == id })
}

// asBefore checks that a sync which failed for err has changed nothing for readers.
func (m *matrixRun) asBefore(t *testing.T, err error) {
	t.Helper()
	if got := items(t, m.lake); !slices.Equal(got, m.before.items()) {
		t.Errorf("%s: the sync failed, and readers see %d rows, where they saw %d before: %v", m.name, len(got), len(m.before), err)
	}
}

// accept says that a sync which is held back is right: no row that the server has is gone
// for that, whatever did not come. Another one brings all.
func (m *matrixRun) accept(t *testing.T) {
	t.Helper()
	o := m.options
	m.options.Only, m.options.Checks.Accept, m.options.Checks.By = m.report.Run.ID, "a test", "jane"
	must(t, m.sync(t))
	got := items(t, m.lake)
	for _, row := range m.before.items() {
		id, _, _ := strings.Cut(row, "|")
		if m.after.has(row) && !slices.ContainsFunc(got, func(r string) bool { return strings.HasPrefix(r, id+"|") }) {
			t.Errorf("%s: a good row was deleted: %s", m.name, row)
		}
	}
	m.options = o
	must(t, m.sync(t))
	m.complete(t)
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
func checkFaultsDoc(t *testing.T, groups []faultGroup, outcomes map[faultCell]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(faultsIntro)
	for g, group := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n| what the server does | what claimlake does | first sync | full sync after a good one |\n|---|---|---|---|\n", group.step)
		for r, c := range group.cases {
			first, full := merged(g, r, false, outcomes), merged(g, r, true, outcomes)
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.fault, c.does, first, full)
		}
	}
	if *update {
		if err := os.WriteFile(faultsDoc, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(faultsDoc)
	if diff := cmp.Diff(strings.Split(string(have), "\n"), strings.Split(b.String(), "\n")); err != nil || diff != "" {
		t.Errorf("docs/faults.md is not what happens (%v): go test ./internal/pipeline -run 'TestFaults$' -update; then look at what changed (-was +is):\n%s", err, diff)
	}
}

// merged are the outcomes of a row's cells, said once where they are the same for all ways
// of files.
func merged(group, row int, full bool, outcomes map[faultCell]string) string {
	ways := map[string][]string{}
	var order []string
	for k, kind := range wireKinds() {
		outcome, ok := outcomes[faultCell{group, row, k, full}]
		if !ok {
			continue
		}
		if ways[outcome] == nil {
			order = append(order, outcome)
		}
		ways[outcome] = append(ways[outcome], kind.name)
	}
	if len(order) == 1 {
		return order[0]
	}
	var texts []string
	for _, outcome := range order {
		texts = append(texts, shared(ways[outcome])+": "+outcome)
	}
	return strings.Join(texts, "<br>")
}

// shared names ways of files by what they have in common.
func shared(names []string) string {
	for _, word := range []string{"identity", ", Range", "gzip", "no Range"} {
		isOne := func(name string) bool { return strings.Contains(name, word) }
		if len(names) == 2 && isOne(names[0]) && isOne(names[1]) {
			return strings.TrimPrefix(word, ", ")
		}
	}
	return strings.Join(names, "; ")
}

const faultsIntro = `# What may go wrong, and what claimlake does

Made by a test that runs a sync for each cell: a real Bulk Data server, written in
this repository, does what the row says to each file or request, once or for ever,
and the outcome is what happened.

The first column of outcomes is of a first sync. The second is of a sync with --full
after one that all was well with; in between the server has deleted one claim of
thirty, changed two and got a new one. Where an outcome depends on how files come, it
says so: whether the server compresses them (gzip, identity), and whether it serves
ranges of them; without them (no Range) it sends no Content-Length and no ETag either.

One sentence holds for every cell: exit 0, and readers see all that the server has; or
another exit, and readers see what they saw before. In no cell is a row deleted that
the server has.

- "All" is exit 0: the lake has exactly the served records, each once.
- "Stops" is exit 1, with the reason; readers see nothing of the run. The same command,
  once the server was well, completed it: it went on with the same export, or started
  another.
- "Held back" is exit 1 as well: all that came is loaded, a check failed, and readers
  see nothing of it until claimlake promote --accept. Once it was accepted, nothing was
  deleted that the server has, and the next sync brought all.
`

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/racetest"
	"github.com/claimlake/claimlake/load/embedded"
)

// kills is how many processes a test kills; CLAIMLAKE_SOAK=1 asks for many.
func kills(few, many int) int {
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		return many
	}
	return few
}

// Killed at any moment and run again, a sync ends with exactly the served records,
// and the server sees nothing that it must not see.
func TestKilledSyncGoesOn(t *testing.T) {
	t.Parallel() // it waits
	binary := buildClaimlake(t)
	for killed, round := 0, 1; killed < kills(8, 200); round++ {
		killed += killRound(t, binary, "none", kills(8, 200)-killed)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// The same with ClickHouse, which the kill takes down too.
func TestKilledSyncGoesOnInTheWarehouse(t *testing.T) {
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Parallel()
	binary := buildClaimlake(t)
	for killed := 0; killed < kills(1, 20) && !t.Failed(); {
		killed += killRound(t, binary, "embedded", kills(1, 20)-killed)
	}
}

// buildClaimlake is the command's binary, which the tests share.
func buildClaimlake(t *testing.T) string {
	t.Helper()
	racetest.Skip(t, "it would not see the binary, whose commands other tests run in this process")
	binary, err := builtClaimlake()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

var builtClaimlake = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "claimlake-test-")
	if err != nil {
		return "", err
	}
	afterTests = append(afterTests, func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "claimlake")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
})

const servedPatients = 3000

// patientsFolder has the records that are served.
func patientsFolder(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	for i := range servedPatients {
		fmt.Fprintf(&b, `{"resourceType":"Patient","id":"p%04d","meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"gender":"female","birthDate":"1950-01-%02d"}`+"\n", i, 1+i%28)
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "Patient.ndjson"), b.String())
	return dir
}

// victim is a sync that is killed, and the server that it asks.
type victim struct {
	binary, config, lake string
	warehouse            string // none or embedded
	server               *fhirtest.Server
	early                atomic.Int32 // DELETEs before readers saw the run

	done map[string]time.Time // by path: since when a file must not be asked for again
}

// killRound syncs one lake and kills up to most times on the way.
func killRound(t *testing.T, binary, warehouse string, most int) (killed int) {
	t.Helper()
	v := newVictim(t, binary, warehouse)
	lives := 0
	for ended := false; !ended; lives++ {
		if killed < most {
			ended = v.live(t, v.life(killed), syscall.SIGKILL)
		} else if ended = v.live(t, longLife, syscall.SIGQUIT); !ended {
			t.Fatal("a sync that nobody kills does not end")
		}
		if !ended {
			killed++
			v.remember(t)
		}
	}
	v.check(t, lives)
	if warehouse != "none" {
		v.checkWarehouse(t)
	}
	return killed
}

// longLife is more than a sync takes on any machine.
const longLife = 5 * time.Minute

// life is how long the next process may live. ClickHouse takes a while to start, before
// which nothing can become durable.
func (v *victim) life(killed int) time.Duration {
	if v.warehouse != "none" {
		return time.Second + time.Duration(rand.Int64N(2500))*time.Millisecond
	}
	return time.Duration(rand.Int64N(int64(400+200*killed))) * time.Millisecond
}

func newVictim(t *testing.T, binary, warehouse string) *victim {
	t.Helper()
	client := t.TempDir()
	v := &victim{binary: binary, warehouse: warehouse, config: filepath.Join(client, defaultConfig), lake: filepath.Join(client, "lake"), done: map[string]time.Time{}}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := os.Stat(filepath.Join(v.lake, "current")); r.Method == http.MethodDelete && err != nil {
			v.early.Add(1)
		}
		v.server.ServeHTTP(w, r)
	}))
	clients, err := registerClient(client, web.URL)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(v.config)
	if err != nil {
		t.Fatal(err)
	}
	put(t, v.config, string(text)+"export:\n  types: [Patient]\nwarehouse:\n  mode: "+warehouse+"\n")
	v.server, err = fhirtest.New(fhirtest.Options{
		Dir: patientsFolder(t), Clients: clients, NoToken: true, FileBytes: 1500, Polls: 1, RetryAfter: "1", MinPoll: time.Second,
		Faults: []fhirtest.Fault{{Kind: fhirtest.File, Stall: 5 * time.Millisecond}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		web.Close()
		_ = v.server.Close()
	})
	return v
}

// live runs a sync, kills it after so long, and reports whether it had ended well. The
// engine must not outlive it for long.
func (v *victim) live(t *testing.T, life time.Duration, kill syscall.Signal) bool {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), life)
	defer end()
	cmd := exec.CommandContext(ctx, v.binary, "sync", "--config", v.config)
	cmd.Cancel = func() error { return cmd.Process.Signal(kill) }
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput() // to the end of the engine, which has the same pipe
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		t.Fatalf("the engine outlives claimlake:\n%s", out)
	case err != nil && ctx.Err() == nil:
		t.Fatalf("the sync fails: %v\n%s", err, out)
	case kill == syscall.SIGQUIT && err != nil: // all goroutines
		t.Logf("%s", out)
	}
	return err == nil
}

// remember notes which files the dead process had finished.
func (v *victim) remember(t *testing.T) {
	t.Helper()
	now := time.Now()
	if _, err := os.Stat(filepath.Join(v.lake, ledger.FileName)); err != nil {
		return // killed before there was one
	}
	l, err := ledger.Open(t.Context(), v.lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only read
	runs, err := l.Runs(t.Context())
	for _, r := range runs {
		files, failed := l.Files(t.Context(), r.ID)
		err = errors.Join(err, failed)
		for _, f := range files {
			_, path, _ := strings.Cut(strings.TrimPrefix(f.Name, "http://"), "/")
			if _, known := v.done["/"+path]; !known && f.State == ledger.Done {
				v.done["/"+path] = now
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// check compares the lake with what was served, and looks what the server saw.
func (v *victim) check(t *testing.T, lives int) {
	t.Helper()
	if got := v.patients(t); !slices.Equal(got, wantPatients()) {
		t.Errorf("%d patients in the lake, %d were served", len(got), servedPatients)
	}
	if _, err := audit.Verify(pipeline.TrailDir(v.lake), "", ""); err != nil {
		t.Error(err)
	}
	for _, what := range v.server.Broken() {
		t.Error(what)
	}
	if n := v.early.Load(); n > 0 {
		t.Errorf("%d exports were deleted before readers saw the run", n)
	}
	for _, e := range v.server.Exports() {
		if e.Done && !e.Deleted {
			t.Errorf("export %s is left on the server", e.ID)
		}
	}
	for _, r := range v.server.Requests() {
		if since, done := v.done[r.Path]; done && r.Time.After(since) {
			t.Errorf("%s was asked for again, though it was done", r.Path)
		}
	}
	t.Logf("%d processes, %d files done before a kill, %d requests", lives, len(v.done), len(v.server.Requests()))
}

func wantPatients() []string {
	var ids []string
	for i := range servedPatients {
		ids = append(ids, fmt.Sprintf("p%04d", i))
	}
	return ids
}

// patients are the ids in the lake, as its readers see them.
func (v *victim) patients(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(v.lake, "current", "patient", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range files {
		rows, err := pq.ReadFile[struct {
			ID string `parquet:"id"`
		}](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (v *victim) checkWarehouse(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), v.binary, "query", "--config", v.config, "--format", "csv", "SELECT id FROM patient ORDER BY id").Output()
	if got := strings.Fields(string(out)); err != nil || !slices.Equal(got[min(1, len(got)):], wantPatients()) {
		t.Errorf("%d lines from the warehouse, %d patients were served: %v", len(got), servedPatients, err)
	}
}

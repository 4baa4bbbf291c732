package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestDataSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir})
	s.post(t, nil, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
	s.post(t, nil, "INSERT INTO t VALUES (7)")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Options{Dir: dir})
	if a := s.post(t, nil, "SELECT a FROM t"); a.body != "7\n" {
		t.Errorf("after a restart: %d %s", a.status, a.body)
	}
}

// An engine that ends unexpectedly is followed by another, at the same address, which has
// what the first had acknowledged.
func TestAnotherEngineFollowsACrash(t *testing.T) {
	s := start(t, Options{})
	s.post(t, nil, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
	s.post(t, nil, "INSERT INTO t VALUES (7)")
	first := s.Pid()
	kill(t, s)
	if a := s.post(t, nil, "SELECT a FROM t"); a.body != "7\n" {
		t.Errorf("after a crash: %d %s", a.status, a.body)
	}
	if s.Pid() == first || s.Err() != nil {
		t.Errorf("process %d, then %d: %v", first, s.Pid(), s.Err())
	}
}

// One that always crashes is not started for ever.
func TestCrashesAreSeen(t *testing.T) {
	s := start(t, Options{})
	for range maxCrashes {
		kill(t, s)
	}
	select {
	case <-s.Done():
	case <-time.After(time.Minute):
		t.Fatal("nobody noticed")
	}
	if err := s.Err(); !errors.Is(err, ErrCrashed) {
		t.Errorf("after %d crashes: %v", maxCrashes, err)
	}
}

// kill ends an engine as a crash does, and waits until another has followed, if one does.
func kill(t *testing.T, s *Server) {
	t.Helper()
	pid := s.Pid()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for s.Pid() == pid {
		select {
		case <-s.Done():
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// libchdb may read stdin before the file of an insert, and a pipe that is open and empty
// holds it there for good.
func TestEngineHasNoStdin(t *testing.T) {
	s := start(t, Options{Dir: t.TempDir()})
	if stdin, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", s.Pid())); err != nil || stdin != os.DevNull {
		t.Errorf("stdin is %q, %v", stdin, err)
	}
}

// What the environment holds, such as the keys of the archive, is no business of the engine's.
func TestEngineHasACleanEnvironment(t *testing.T) {
	t.Setenv("CLAIMLAKE_SEAL_KEYS", secret)
	s := start(t, Options{})
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.Pid()))
	if err != nil || strings.Contains(string(environment), secret) || !strings.Contains(string(environment), ChildVariable) {
		t.Errorf("the engine's environment is %q, %v", environment, err)
	}
}

// Where the system cannot confine the engine, that is said, once.
func TestMissingConfinementIsSaid(t *testing.T) {
	var log strings.Builder
	warned = sync.Once{}
	for range 2 {
		(&Server{open: []string{errNoLandlock.Error()}}).warn(slog.New(slog.NewTextHandler(&log, nil)))
	}
	if said := log.String(); strings.Count(said, "level=WARN") != 1 || !strings.Contains(said, "no Landlock") {
		t.Errorf("said %q", said)
	}
}

// parentVariable makes the test binary a parent that starts an engine in the
// folder it names and hangs.
const parentVariable = "CLAIMLAKE_TEST_PARENT"

func TestParent(t *testing.T) {
	dir := os.Getenv(parentVariable)
	if dir == "" {
		t.Skip("only as the other process of TestNoOrphans")
	}
	s := start(t, Options{Dir: dir})
	if err := os.WriteFile(filepath.Join(dir, "started"), []byte(s.Addr), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

func TestNoOrphans(t *testing.T) {
	dir := t.TempDir()
	start(t, Options{Dir: filepath.Join(dir, "probe")}) // skips without libchdb
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), parentVariable+"="+dir)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	for started := filepath.Join(dir, "started"); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(started); err == nil {
			break
		}
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	start(t, Options{Dir: dir}) // the dead parent's engine lets go of the folder
}

func TestMissingLibrary(t *testing.T) {
	_, err := Start(context.Background(), Options{Dir: t.TempDir(), Library: "/nowhere/libchdb.so"})
	if !errors.Is(err, ErrNoLibrary) {
		t.Fatal(err)
	}
	for _, way := range []string{"make libchdb", LibraryVariable, "server", "--parquet-only"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("%q does not name %q", err, way)
		}
	}
}

func TestWrongLibrary(t *testing.T) {
	lib := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(lib, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(context.Background(), Options{Dir: t.TempDir(), Library: lib})
	if err == nil || !strings.Contains(err.Error(), "make libchdb") {
		t.Errorf("a file that is no library: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	s := start(t, Options{})
	_, err := Start(context.Background(), Options{Dir: t.TempDir(), Listen: s.Addr})
	if err == nil || !strings.Contains(err.Error(), s.Addr) {
		t.Errorf("port in use: %v", err)
	}
}

func TestLoopbackOnly(t *testing.T) {
	for listen, ok := range map[string]bool{
		"127.0.0.1:8123": true, "localhost:0": true, "[::1]:1": true,
		"0.0.0.0:8123": false, ":8123": false, "10.0.0.1:1": false, "example.org:1": false, "8123": false,
	} {
		if err := checkLoopback(listen); (err == nil) != ok {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

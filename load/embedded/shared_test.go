package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// Whoever opens a folder first starts its engine, and all others use it, until the last has
// gone. Nothing is left of it then.
func TestFolderIsShared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, Options{Dir: dir})
	first.post(t, nil, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
	second := start(t, Options{Dir: dir, Reader: "default"})
	if first.Pid() != second.Pid() || first.Addr == second.Addr || first.Password == second.Password {
		t.Errorf("engines %d and %d at %s and %s", first.Pid(), second.Pid(), first.Addr, second.Addr)
	}
	if a := second.send(t, http.MethodPost, nil, "SELECT 1", first.Password); a.status != http.StatusUnauthorized {
		t.Errorf("a reader has the rights of a load with its password: %d %s", a.status, a.body)
	}
	first.post(t, nil, "INSERT INTO t VALUES (7)")
	if a := second.post(t, nil, "SELECT a FROM t"); a.body != "7\n" {
		t.Errorf("another process's row: %d %s", a.status, a.body)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if a := second.post(t, nil, "SELECT a FROM t"); a.body != "7\n" {
		t.Errorf("after who started the engine has gone: %d %s", a.status, a.body)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	held, err := lockFolder(dir)
	for ; held == nil && err == nil; held, err = lockFolder(dir) { // the system ends processes bit by bit
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Error(err)
	}
	_ = held.Close()
	if _, err := os.Lstat(filepath.Join(dir, engineDir, socketFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket: %v", err)
	}
}

// However many open a folder in the same moment, they have one engine; also while others
// give it up.
func TestManyOpenAFolderAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, Options{Dir: filepath.Join(dir, "probe")}) // skips without libchdb
	rounds := 2
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		rounds = 40
	}
	for range rounds {
		var at errgroup.Group
		var mu sync.Mutex
		pids := map[int]bool{}
		var all []*Server
		for i := range 12 {
			o := Options{Dir: filepath.Join(dir, "lake")}
			if i%2 == 0 {
				o.Reader = "default"
			}
			at.Go(func() error {
				s, err := Start(t.Context(), o)
				if err != nil {
					return err
				}
				if i%4 == 3 { // goes at once, and another comes
					if err := s.Close(); err != nil {
						return err
					}
					if s, err = Start(t.Context(), o); err != nil {
						return err
					}
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, s)
				return nil
			})
		}
		if err := at.Wait(); err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			pids[s.Pid()] = true
			if a := s.post(t, nil, "SELECT 1"); a.body != "1\n" {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if len(pids) != 1 {
			t.Errorf("%d engines", len(pids))
		}
		for _, s := range all {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A folder may have any name: longer than a socket's may be, and with any letters.
func TestFolderOfAnyName(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{
		"long":           strings.Repeat("claims of the payer ", 8) + "/" + strings.Repeat("x", 200),
		"99 to 108 byte": strings.Repeat("y", 60),
		"odd":            "@ a%2Fb 'c\" $(d) &é\n💊",
	} {
		dir := filepath.Join(t.TempDir(), folder)
		first := start(t, Options{Dir: dir})
		second := start(t, Options{Dir: dir, Reader: "default"})
		if first.Pid() != second.Pid() {
			t.Errorf("%s: two engines", name)
		}
		if a := second.post(t, nil, "SELECT 1"); a.body != "1\n" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// Readers of each database see that one only, also of one with an odd name, and a loader
// makes others meanwhile.
func TestReadersOfSeveralDatabases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load := start(t, Options{Dir: dir})
	names := []string{"claims", "a `b` & 'c'", "Üb_v"}
	for _, name := range names {
		for _, sql := range []string{"CREATE DATABASE " + quoteName(name), "CREATE TABLE " + quoteName(name) + ".t (a String) ENGINE = MergeTree ORDER BY a", "INSERT INTO " + quoteName(name) + ".t VALUES (" + quoteValue(name) + ")"} {
			if a := load.post(t, nil, sql); a.status != http.StatusOK {
				t.Fatalf("%s: %s", sql, a.body)
			}
		}
	}
	if _, err := Start(t.Context(), Options{Dir: dir, Reader: "none"}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a reader of a database that is not there: %v", err)
	}
	for i, name := range names {
		s := start(t, Options{Dir: dir, Reader: name})
		if a := s.post(t, nil, "SELECT a FROM t"); a.body != name+"\n" && a.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		other := names[(i+1)%len(names)]
		if a := s.post(t, nil, "SELECT a FROM "+quoteName(other)+".t"); a.status != http.StatusForbidden {
			t.Errorf("readers of %s in %s: %d %s", name, other, a.status, a.body)
		}
	}
	if a := load.post(t, nil, "SELECT count() FROM system.databases WHERE name LIKE 'Ü%'"); a.body != "1\n" {
		t.Errorf("a loader sees %s", a.body)
	}
}

// Only the folder's owner finds the engine. The test process is another user's where the
// system lets it be.
func TestOthersCannotJoin(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "claimlake-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	start(t, Options{Dir: dir})
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the folder's own mode does not protect it here
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{engineDir: 0o700, filepath.Join(engineDir, socketFile): 0o600, filepath.Join(engineDir, "users.xml"): 0o600, ".lock": 0o600} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", name, st.Mode(), err)
		}
	}
	if os.Getuid() != 0 {
		return
	}
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOther$")
	other.Env = append(os.Environ(), otherVariable+"="+dir)
	other.Dir = "/"
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := other.CombinedOutput(); err != nil && !errors.Is(err, os.ErrPermission) {
		t.Errorf("another user: %v\n%s", err, out)
	}
}

// otherVariable makes the test binary another user's process, which tries to join.
const otherVariable = "CLAIMLAKE_TEST_OTHER"

func TestOther(t *testing.T) {
	dir := os.Getenv(otherVariable)
	if dir == "" {
		t.Skip("only as the other process of TestOthersCannotJoin")
	}
	if c, err := dialIn(t.Context(), dir); !errors.Is(err, os.ErrPermission) {
		t.Errorf("joined: %v, %v", c, err)
	}
	if f, err := lockFolder(dir); !errors.Is(err, os.ErrPermission) {
		t.Errorf("locked: %v, %v", f, err)
	}
}

// Where the file system has no sockets, or an older claimlake has the folder, the second
// process says who is there.
func TestFolderInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, engineDir, socketFile, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Dir: dir})
	_, err := Start(context.Background(), Options{Dir: dir})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), strconv.Itoa(s.Pid())) {
		t.Errorf("second engine on one folder: %v", err)
	}
}

// The engine outlives who started it, as long as somebody uses it, and ends with the last,
// however that ends.
func TestEngineOutlivesItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, Options{Dir: filepath.Join(dir, "probe")}) // skips without libchdb
	dir = filepath.Join(dir, "lake")
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), parentVariable+"="+dir)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	for ; ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
			break
		}
	}
	s := start(t, Options{Dir: dir})
	pid := s.Pid()
	_ = parent.Process.Kill()
	_ = parent.Wait()
	for range 20 {
		if a := s.post(t, nil, "SELECT 1"); a.body != "1\n" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if s.Pid() != pid {
		t.Errorf("engine %d, then %d", pid, s.Pid())
	}
}

// An engine that is asked to end, as by systemd when the unit of who started it ends, is
// followed by another, and no request that it has begun fails.
func TestEngineIsAskedToEnd(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Reader: "default"})
	ended := make(chan struct{})
	var at errgroup.Group
	for range 3 {
		at.Go(func() error {
			for dropped := 0; ; {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr+"/", strings.NewReader("SELECT sum(number) FROM numbers(3000000)"))
				if err != nil {
					return err
				}
				req.SetBasicAuth(s.User, s.Password)
				req.Close = true // whether an idle connection is there when it is used again is a matter of luck
				resp, err := http.DefaultClient.Do(req)
				if (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)) && dropped == 0 {
					dropped++ // a connection may be made just as the engine ends: clients ask again
					continue
				}
				if err != nil {
					return err
				}
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					return fmt.Errorf("status %d", resp.StatusCode)
				}
				select {
				case <-ended:
					return nil
				default:
				}
			}
		})
	}
	pid := s.Pid()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for s.Pid() == pid {
		time.Sleep(10 * time.Millisecond)
	}
	close(ended)
	if err := at.Wait(); err != nil {
		t.Error(err)
	}
}

// What a load settles is not changed by a statement of the one before, which may go on
// after its process has gone.
func TestLoadWaitsForTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reader := start(t, Options{Dir: dir, Reader: "default"}) // keeps the engine
	before := start(t, Options{Dir: dir})
	before.post(t, nil, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+before.Addr+"/", strings.NewReader("INSERT INTO t SELECT number + sleepEachRow(1) FROM numbers(14) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 100000000"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(before.User, before.Password)
	go func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	for running := ""; !strings.Contains(running, "INSERT"); {
		running = before.post(t, nil, "SELECT query FROM system.processes WHERE query LIKE 'INSERT%'").body
	}
	cancel()
	if err := before.Close(); err != nil {
		t.Error(err)
	}
	if a := reader.post(t, nil, "SELECT count() FROM t"); a.body != "0\n" {
		t.Logf("the statement has ended early: %s", a.body) // nothing is shown then
	}
	if a := start(t, Options{Dir: dir}).post(t, nil, "SELECT count() FROM t"); a.body != "14\n" {
		t.Errorf("the next load begins with %s rows", a.body)
	}
}

// Readers that keep as many queries open as they like, and read nothing of the answers, do
// not keep a load from anything.
func TestReadersDoNotHoldALoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load := start(t, Options{Dir: dir})
	must := func(sql string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := load.Ask(ctx, sql, "Null", "default", &strings.Builder{}); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	must("CREATE TABLE t (run UInt32, a UInt64, s String) ENGINE = ReplacingMergeTree PARTITION BY run ORDER BY a")
	must("INSERT INTO t SELECT number % 4, number, repeat('x', 100) FROM numbers(1000000)")
	must("CREATE VIEW v AS SELECT a, s FROM t FINAL")
	reader := start(t, Options{Dir: dir, Reader: "default"})
	for range maxQueries + 8 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+reader.Addr+"/", strings.NewReader("SELECT * FROM v"))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(reader.User, reader.Password)
		go func() {
			if resp, err := http.DefaultClient.Do(req); err == nil {
				<-t.Context().Done()
				_ = resp.Body.Close()
			}
		}()
	}
	for running := ""; running != fmt.Sprintln(maxQueries); {
		running = load.post(t, nil, "SELECT count() FROM system.processes WHERE query LIKE '%FROM v%' AND query NOT LIKE '%processes%'").body
	}
	for _, sql := range []string{
		"INSERT INTO t SELECT 5, number, '' FROM numbers(1000)", "ALTER TABLE t DROP PARTITION 0", "ALTER TABLE t DELETE WHERE run = 1 SETTINGS mutations_sync = 2",
		"ALTER TABLE t ADD COLUMN b UInt8", "CREATE OR REPLACE VIEW v AS SELECT a FROM t FINAL", "CREATE OR REPLACE TABLE w ENGINE = MergeTree ORDER BY a AS SELECT a FROM t", "DROP TABLE w",
		"ALTER TABLE t MODIFY COMMENT 'x'", "OPTIMIZE TABLE t PARTITION 5 FINAL",
	} {
		must(sql)
	}
}

// Nobody ends another process's query, or sees it.
func TestKillEndsOnlyOwnQueries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := start(t, Options{Dir: dir, Reader: "default"}), start(t, Options{Dir: dir, Reader: "default"})
	ended := make(chan answer, 1)
	go func() {
		ended <- one.post(t, map[string][]string{"query_id": {"dashboard"}}, "SELECT sleepEachRow(0.1) FROM numbers(20) SETTINGS max_block_size = 1")
	}()
	for range 10 {
		two.post(t, nil, "KILL QUERY WHERE query_id = 'dashboard' SYNC")
		time.Sleep(50 * time.Millisecond)
	}
	if a := <-ended; a.status != http.StatusOK || strings.Count(a.body, "\n") != 20 {
		t.Errorf("another process's query: %d %s", a.status, a.body)
	}
	if a := two.post(t, nil, "SELECT count() FROM system.processes"); a.body != "0\n" {
		t.Errorf("a reader sees %s queries", a.body)
	}
	if a := two.post(t, nil, "SELECT name FROM system.errors"); strings.TrimSpace(a.body) != "" {
		t.Errorf("a reader sees errors of others: %s", a.body)
	}
}

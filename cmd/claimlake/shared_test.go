package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/load/embedded"
)

// generation is one bulk of claims, each with as many items as the generation has a number,
// and all with its number in their amounts.
func generation(t *testing.T, dir string, n, claims int) string {
	t.Helper()
	var lines strings.Builder
	for i := range claims {
		var items []string
		for k := range n {
			items = append(items, fmt.Sprintf(`{"sequence":%d,"productOrService":{"text":"x"},"adjudication":[{"category":{"coding":[{"code":"paidtoprovider"}]},"amount":{"value":%d,"currency":"USD"}}]}`, k+1, n))
		}
		_, _ = fmt.Fprintf(&lines, `{"resourceType":"ExplanationOfBenefit","id":"c%d","meta":{"lastUpdated":"2024-01-%02dT00:00:00Z"},"status":"active","use":"claim","type":{"coding":[{"code":"professional"}]},"patient":{"reference":"Patient/p%d"},"created":"2024-01-%02d","insurer":{"display":"i"},"provider":{"display":"p"},"outcome":"complete","payment":{"amount":{"value":%d}},"item":[%s]}`+"\n",
			i, n, i, n, n*n, strings.Join(items, ","))
	}
	return put(t, filepath.Join(dir, fmt.Sprintf("g%d.ndjson", n)), lines.String())
}

// dashboard asks a served warehouse by clickhouse-go, as a BI tool does, of several tables
// and views at once, until stop: each answer is of one generation.
func dashboard(t *testing.T, conn driver.Conn, claims int, stop <-chan struct{}, seen func(generation int)) {
	const sql = `SELECT
		toString((SELECT groupUniqArray(payment_amount) FROM explanation_of_benefit)),
		(SELECT count() FROM explanation_of_benefit_item),
		toString((SELECT sum(payment_amount) FROM explanation_of_benefit AS c INNER JOIN explanation_of_benefit_item AS i ON c.id = i.explanation_of_benefit_id)),
		(SELECT count() FROM claim_line)`
	for {
		var paid, sum string
		var items, lines uint64
		if err := conn.QueryRow(t.Context(), sql).Scan(&paid, &items, &sum, &lines); err != nil {
			t.Errorf("a query while a run is loaded: %v", err)
			return
		}
		n := int(items) / claims
		if got, want := fmt.Sprint(paid, items, sum, lines), fmt.Sprint(fmt.Sprintf("[%d]", n*n), uint64(n*claims), fmt.Sprint(n*n*n*claims), uint64(n*claims)); got != want {
			t.Errorf("an answer of two generations: %s, want %s", got, want)
			return
		}
		seen(n)
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// serving is a `claimlake warehouse` of its own process.
type serving struct {
	cmd  *exec.Cmd
	conn driver.Conn
	addr string
}

// serveProcess serves a lake in another process until the test ends, and connects to it.
func serveProcess(t *testing.T, lake, listen string) *serving {
	t.Helper()
	password := put(t, filepath.Join(t.TempDir(), "password"), "open")
	out := filepath.Join(t.TempDir(), "said")
	said, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{cmd: exec.CommandContext(t.Context(), buildClaimlake(t), "warehouse", "--lake", lake, "--listen", listen, "--password-file", password)}
	s.cmd.Stdout, s.cmd.Stderr = said, said
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = said.Close()
	t.Cleanup(func() {
		_ = s.cmd.Process.Signal(os.Interrupt)
		_ = s.cmd.Wait()
	})
	for s.addr == "" {
		time.Sleep(20 * time.Millisecond)
		text, _ := os.ReadFile(out)
		if _, rest, ok := strings.Cut(string(text), "http://"); ok {
			s.addr, _, _ = strings.Cut(rest, ",")
		}
		if strings.Contains(string(text), "claimlake:") {
			t.Fatal(string(text))
		}
	}
	s.conn, err = ch.Open(&ch.Options{Addr: []string{s.addr}, Protocol: ch.HTTP, Auth: ch.Auth{Database: "claimlake", Username: "claimlake", Password: "open"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

// Loading and reading at once: while commands load, promote and query, each a process of
// its own, dashboards keep asking, and every answer is of before a promote or of after.
func TestDashboardsStayConnected(t *testing.T) {
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Parallel()
	dir := t.TempDir()
	lake := filepath.Join(dir, "a lake with a name as long as "+strings.Repeat("they come ", 12))
	last, claims := 3, 50
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		last = 25
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), buildClaimlake(t), args...).CombinedOutput()
		if err != nil {
			t.Errorf("claimlake %s: %v\n%s", args[0], err, out)
		}
		return string(out)
	}
	run("flatten", "--lake", lake, generation(t, dir, 1, claims))
	warehouse := serveProcess(t, lake, "127.0.0.1:0")
	var mu sync.Mutex
	seen := map[int]bool{}
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			dashboard(t, warehouse.conn, claims, stop, func(n int) {
				mu.Lock()
				defer mu.Unlock()
				seen[n] = true
			})
		})
	}
	for n := 2; n <= last; n++ {
		run("flatten", "--lake", lake, generation(t, dir, n, claims))
		if out := run("query", "--lake", lake, "--format", "csv", "SELECT any(payment_amount) AS x FROM explanation_of_benefit"); !strings.Contains(out, fmt.Sprintf("x\n%d.0000\n", n*n)) {
			t.Errorf("after generation %d a query says %q", n, out)
		}
	}
	run("warehouse", "fill", "--lake", lake)
	run("runs", "--lake", lake)
	close(stop)
	asking.Wait()
	if !seen[1] || !seen[2] || len(seen) < last-1 {
		t.Errorf("dashboards saw %v", seen)
	}
}

// Whoever is killed, whoever has started the engine, and whatever it was doing: the others
// go on, and in the end the lake has what the last load brought.
func TestOwnersAreKilled(t *testing.T) {
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Parallel()
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	kills, claims := 3, 200
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		kills = 60
	}
	if code, _, problems := command(t, "flatten", "--lake", lake, generation(t, dir, 1, claims)); code != exitDone {
		t.Fatal(problems)
	}
	n := 1
	for k := range kills {
		// The one that starts the engine: a dashboard's, a query's, or a load's process.
		first := []string{"warehouse", "--lake", lake, "--listen", "127.0.0.1:0"}
		switch k % 3 {
		case 1:
			first = []string{"query", "--lake", lake, "SELECT sum(sleepEachRow(1)) FROM numbers(3)"}
		case 2:
			n++
			first = []string{"flatten", "--lake", lake, generation(t, dir, n, claims)}
		}
		owner := exec.CommandContext(t.Context(), buildClaimlake(t), first...)
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		for _, err := os.Stat(filepath.Join(pipeline.WarehouseDir(lake), ".engine", "socket")); err != nil; _, err = os.Stat(filepath.Join(pipeline.WarehouseDir(lake), ".engine", "socket")) {
			time.Sleep(5 * time.Millisecond)
		}
		var second *exec.Cmd
		if k%3 != 2 {
			n++
			second = exec.CommandContext(t.Context(), buildClaimlake(t), "flatten", "--lake", lake, generation(t, dir, n, claims))
			second.Stderr = os.Stderr
			if err := second.Start(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(k*137%1200) * time.Millisecond) // anywhere in what they do
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.Wait()
		if second != nil {
			if err := second.Wait(); err != nil {
				t.Errorf("kill %d of %s: the load next to it: %v", k, first[0], err)
			}
		} else if code, _, problems := command(t, "flatten", "--lake", lake, filepath.Join(dir, fmt.Sprintf("g%d.ndjson", n))); code != exitDone {
			t.Errorf("kill %d: the load after it: %s", k, problems)
		}
		w, err := pipeline.OpenReader(context.Background(), config.Default().Warehouse, lake)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.Query(context.Background(), "SELECT any(payment_amount), count(), uniqExact(explanation_of_benefit_id) FROM explanation_of_benefit_item AS i INNER JOIN explanation_of_benefit AS c ON c.id = i.explanation_of_benefit_id")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.Row()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := values[0].Text+" "+values[1].Text+" "+values[2].Text, fmt.Sprintf("%d.0000 %d %d", n*n, n*claims, claims); got != want {
				t.Errorf("kill %d of %s: the lake has %s, want %s", k, first[0], got, want)
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

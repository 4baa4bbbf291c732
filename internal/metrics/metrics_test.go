package metrics

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func counted() *Metrics {
	m := New()
	for i := range 100 {
		m.Requested("download", "", time.Duration(i+1)*time.Millisecond)
	}
	m.Requested("poll the export", "network", time.Second)
	m.Retried("poll the export", "network")
	m.Page("payer", 1000, map[string]int64{"loaded": 9, "rejected": 1})
	m.Rejected("payer", "not JSON")
	m.InFlight("payer", 3)
	m.InFlight("payer", -1)
	m.Staged("payer", "load", 2*time.Second)
	m.Ended("payer", "sync", Success, map[string]int{"done": 2}, time.Unix(1700000000, 0))
	m.Ended("payer", "sync", "network", nil, time.Time{})
	return m
}

func TestSummary(t *testing.T) {
	s := counted().Summary()
	if s.Requests != 101 || s.P95 != 96*time.Millisecond || s.Mean != 59900990*time.Nanosecond || s.Retries["network"] != 1 || len(s.Stages) != 1 {
		t.Errorf("%+v", s)
	}
	var none *Metrics
	none.Requested("x", "", 0)
	none.Ended("x", "sync", Success, nil, time.Time{})
	if s := none.Summary(); s.Requests != 0 {
		t.Errorf("%+v", s)
	}
}

var wanted = []string{
	`claimlake_lines_total{outcome="loaded",source="payer"} 9`, `claimlake_rejected_lines_total{reason="not JSON",source="payer"} 1`,
	`claimlake_retries_total{reason="network",request="poll the export"} 1`, `claimlake_request_seconds_count{outcome="ok",request="download"} 100`,
	`claimlake_runs_total{kind="sync",outcome="success",source="payer"} 1`, `claimlake_runs_total{kind="sync",outcome="network",source="payer"} 1`,
	`claimlake_files_total{source="payer",state="done"} 2`, `claimlake_stage_seconds{source="payer",stage="load"} 2`,
	`claimlake_watermark_timestamp_seconds{source="payer"} 1.7e+09`, `claimlake_read_bytes_total{source="payer"} 1000`, `claimlake_pages_in_flight{source="payer"} 2`, "claimlake_last_success_timestamp_seconds",
}

func TestServe(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	m := counted()
	stop, err := m.Serve(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range wanted {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if _, err := m.Serve(t.Context(), address); err == nil {
		t.Error("served twice")
	}
	for _, address := range []string{"0.0.0.0:0", "nowhere"} {
		if stop, err := m.Serve(t.Context(), address); err == nil {
			stop()
			t.Errorf("served at %s", address)
		}
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claimlake.prom")
	if err := counted().WriteFile(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range wanted {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	if err := counted().WriteFile(filepath.Join(path, "no folder")); err == nil {
		t.Error(fmt.Errorf("a file in a file"))
	}
}

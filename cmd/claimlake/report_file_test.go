package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// A sync writes the report and the metrics that it is asked for, also when it fails.
func TestReportAndMetrics(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data", "Claim.ndjson"), goodClaim+"{bad\n")
	_, url := served(t, fhirtest.Options{Dir: filepath.Join(dir, "data"), Faults: []fhirtest.Fault{{Kind: fhirtest.File, Attempt: 1, Status: 500}}})
	prom, report, markdown := filepath.Join(dir, "m.prom"), filepath.Join(dir, "r.json"), filepath.Join(dir, "r.md")
	text := "source: {name: payer, url: '" + url + "'}\nwarehouse: {mode: none}\nchecks: {max_rejected: 0}\nmetrics: {file: " + prom + "}\nlake: {dir: " + filepath.Join(dir, "lake") + "}\n"
	path := put(t, filepath.Join(dir, "c.yaml"), text)
	if code, out, problems := command(t, "sync", "--config", path, "--report", report); code != exitRejected {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	var r runReport
	content, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(content, &r)
	}
	if err != nil || r.Lines["loaded"] != 1 || r.Lines["rejected"] != 1 || r.State != "promoted" || r.Requests.Retries["server"] != 1 || r.Requests.Count < 5 || r.Stages["load"] == 0 || r.Rows["claim"] != 1 {
		t.Errorf("%s, %v", content, err)
	}
	metrics, err := os.ReadFile(prom)
	for _, want := range []string{`claimlake_lines_total{outcome="loaded",source="payer"} 1`, `claimlake_retries_total{reason="server",request="download"} 1`, `claimlake_runs_total{kind="sync",outcome="success",source="payer"} 1`} {
		if !strings.Contains(string(metrics), want) {
			t.Errorf("no %s in %s, %v", want, metrics, err)
		}
	}
	bad := put(t, filepath.Join(dir, "bad.ndjson"), "nonsense\n")
	if code, _, _ := command(t, "flatten", "--config", path, "--report", markdown, bad); code != exitFailed {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"# Run 2: flatten of", "| ended by | data |", "1 rejected"} {
		if content, err := os.ReadFile(markdown); !strings.Contains(string(content), want) {
			t.Errorf("no %q in %s, %v", want, content, err)
		}
	}
	if code, _, problems := command(t, "flatten", "--config", path, "--report", "r.pdf", bad); code != exitUsage || !strings.Contains(problems, ".md or .json") {
		t.Errorf("exit %d: %s", code, problems)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/policy"
)

// runReport is the report of a run, as JSON. Times are UTC, names those of the ledger.
type runReport struct {
	Run             string             `json:"run"`
	Number          uint32             `json:"number"`
	Source          string             `json:"source"`
	Kind            string             `json:"kind"`
	State           string             `json:"state"`
	Error           string             `json:"error,omitempty"` // its category
	Started         time.Time          `json:"started"`
	Seconds         float64            `json:"seconds"`
	TransactionTime time.Time          `json:"transactionTime,omitzero"`
	Files           int                `json:"files"`
	Bytes           int64              `json:"bytes"`
	Lines           map[string]int64   `json:"lines"` // by what became of them; read is all
	LinesPerMinute  float64            `json:"linesPerMinute"`
	Rows            map[string]int64   `json:"rows"`     // by table
	Excluded        int64              `json:"excluded"` // by the policy
	Flagged         int64              `json:"flagged"`
	Requests        requestReport      `json:"requests"`
	Stages          map[string]float64 `json:"stages"` // seconds
	Values          []valueReport      `json:"values"`
	Checks          []checkReport      `json:"checks"`
	Coverage        map[string]float64 `json:"coverage"` // percent of the values that reach a column, by resource type
}

type requestReport struct {
	Count   int            `json:"count"`
	Mean    float64        `json:"meanMilliseconds"` // to the head of the answer
	P95     float64        `json:"p95Milliseconds"`
	Retries map[string]int `json:"retries"` // by reason
}

type valueReport struct {
	Column string `json:"column"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

type checkReport struct {
	Grade string `json:"grade"`
	Check string `json:"check"`
	Text  string `json:"text"`
}

// checkReportName refuses a name that does not say which kind of report it is.
func checkReportName(name string) error {
	if ext := filepath.Ext(name); name != "" && ext != ".md" && ext != ".json" {
		return usagef("--report: the file's name must end in .md or .json")
	}
	return nil
}

// writeReport writes the report of a run that ended, also by cause.
func writeReport(name string, r pipeline.Report, s metrics.Summary, p *policy.Policy, cause error) error {
	report := reportOf(r, s, p, cause)
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if filepath.Ext(name) == ".md" {
		text = []byte(report.markdown())
	}
	if err := durable.Write(name, append(plainText(text), '\n')); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func reportOf(r pipeline.Report, s metrics.Summary, p *policy.Policy, cause error) runReport {
	c := r.Counts
	out := runReport{
		Run: r.Run.ID, Number: r.Run.Number, Source: r.Run.Source, Kind: r.Run.Kind, State: string(r.Run.State), Error: pipeline.Category(cause),
		Started: r.Run.Started, Seconds: r.Took.Seconds(), TransactionTime: r.Run.TransactionTime, Files: len(r.Files), Bytes: c.Bytes,
		Lines:          map[string]int64{"read": c.Lines, "loaded": c.Landed, "unchanged": c.Unchanged, "unmapped": c.Unmapped, "rejected": c.Rejected},
		LinesPerMinute: float64(c.Lines) / max(r.Took.Minutes(), 1e-9), Rows: r.Rows, Excluded: p.Excluded(), Flagged: p.Flagged(),
		Requests: requestReport{s.Requests, milliseconds(s.Mean), milliseconds(s.P95), s.Retries},
		Stages:   map[string]float64{}, Coverage: map[string]float64{},
	}
	for _, stage := range s.Stages {
		out.Stages[stage.Name] += stage.Took.Seconds()
	}
	for _, v := range r.Values {
		out.Values = append(out.Values, valueReport{v.Table + "." + v.Column, v.Reason, v.Count})
	}
	for _, f := range r.Findings {
		out.Checks = append(out.Checks, checkReport{f.Grade, strings.TrimSpace(f.Check + " " + f.Subject), f.Text})
	}
	for _, t := range r.Coverage {
		out.Coverage[t.Resource] = t.Share()
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// markdown is the report for people.
func (r runReport) markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("# Run %d: %s of %s, %s\n", r.Number, r.Kind, r.Source, r.State)
	line("| | |\n|---|---|")
	line("| run | %s |", r.Run)
	if r.Error != "" {
		line("| ended by | %s |", r.Error)
	}
	line("| started | %s |", r.Started.UTC().Format(time.RFC3339))
	line("| took | %.1f s |", r.Seconds)
	if !r.TransactionTime.IsZero() {
		line("| transactionTime | %s |", r.TransactionTime.UTC().Format(time.RFC3339))
	}
	line("| read | %d lines of %d files, %.1f MB, %.0f lines a minute |", r.Lines["read"], r.Files, float64(r.Bytes)/1e6, r.LinesPerMinute)
	line("| of these | %d loaded, %d unchanged, %d without a mapping, %d rejected, %d left out by the policy, %d flagged by it |", r.Lines["loaded"], r.Lines["unchanged"], r.Lines["unmapped"], r.Lines["rejected"], r.Excluded, r.Flagged)
	line("| requests | %d; to the head of the answer %.0f ms in the mean, %.0f ms at the 95th percentile |", r.Requests.Count, r.Requests.Mean, r.Requests.P95)
	for _, reason := range slices.Sorted(maps.Keys(r.Requests.Retries)) {
		line("| sent again, %s | %d |", reason, r.Requests.Retries[reason])
	}
	for _, stage := range slices.Sorted(maps.Keys(r.Stages)) {
		line("| %s | %.2f s |", stage, r.Stages[stage])
	}
	r.lists(line)
	return strings.TrimSuffix(b.String(), "\n")
}

func (r runReport) lists(line func(format string, args ...any)) {
	if len(r.Checks) > 0 {
		line("\n## Checks\n\n| grade | check | |\n|---|---|---|")
	}
	for _, c := range r.Checks {
		line("| %s | %s | %s |", c.Grade, c.Check, c.Text)
	}
	if len(r.Values) > 0 {
		line("\n## Values that did not fit\n\n| column | reason | values |\n|---|---|---|")
	}
	for _, v := range r.Values {
		line("| %s | %s | %d |", v.Column, v.Reason, v.Count)
	}
	line("\n## Rows\n\n| table | rows |\n|---|---|")
	for _, table := range slices.Sorted(maps.Keys(r.Rows)) {
		if r.Rows[table] > 0 {
			line("| %s | %d |", table, r.Rows[table])
		}
	}
	if len(r.Coverage) > 0 {
		line("\n## Values that reach a column\n\n| resource type | share |\n|---|---|")
	}
	for _, t := range slices.Sorted(maps.Keys(r.Coverage)) {
		line("| %s | %.1f %% |", t, r.Coverage[t])
	}
}

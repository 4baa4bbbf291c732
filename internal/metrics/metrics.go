// Package metrics counts what a process does, for Prometheus and for the report at the
// end of a run. Labels are names of claimlake's own and of configured sources; nothing
// of a resource, a URL or a server's words is ever among them.
package metrics

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what one process did. A nil Metrics counts nothing. It may be used
// concurrently.
type Metrics struct {
	registry *prometheus.Registry

	requests  *prometheus.HistogramVec // by request and outcome
	retries   *prometheus.CounterVec   // by request and reason
	lines     *prometheus.CounterVec   // by source and outcome
	rejects   *prometheus.CounterVec   // by source and reason
	bytes     *prometheus.CounterVec   // by source
	pages     *prometheus.CounterVec   // by source
	files     *prometheus.CounterVec   // by source and state
	inFlight  *prometheus.GaugeVec     // by source
	stages    *prometheus.GaugeVec     // by source and stage
	runs      *prometheus.CounterVec   // by source, kind and outcome
	watermark *prometheus.GaugeVec     // by source
	finished  *prometheus.GaugeVec     // by source

	trace *traced

	mu      sync.Mutex
	took    []time.Duration // of requests
	retried map[string]int  // by reason
	staged  []Stage
}

// Stage is a part of a run, and how long it took.
type Stage struct {
	Name string
	Took time.Duration
}

// New counts from zero.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), retried: map[string]int{}}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "claimlake", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "claimlake", Name: name, Help: help}, labels)
		m.registry.MustRegister(g)
		return g
	}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "claimlake", Name: "request_seconds", Help: "Time to the head of the answer, by request and outcome.", Buckets: prometheus.ExponentialBuckets(0.005, 4, 9),
	}, []string{"request", "outcome"})
	m.registry.MustRegister(m.requests)
	m.retries = counter("retries_total", "Requests that were sent again, by request and reason.", "request", "reason")
	m.lines = counter("lines_total", "Lines read, by what became of them.", "source", "outcome")
	m.rejects = counter("rejected_lines_total", "Lines in quarantine, by reason.", "source", "reason")
	m.bytes = counter("read_bytes_total", "Bytes read, decoded.", "source")
	m.pages = counter("pages_total", "Pages flattened.", "source")
	m.inFlight = gauge("pages_in_flight", "Pages that were read and are not stored yet.", "source")
	m.files = counter("files_total", "Files of runs that ended, by state.", "source", "state")
	m.stages = gauge("stage_seconds", "How long each stage of the last run took.", "source", "stage")
	m.runs = counter("runs_total", "Runs that ended, by kind and outcome.", "source", "kind", "outcome")
	m.watermark = gauge("watermark_timestamp_seconds", "The transactionTime that the source is loaded up to.", "source")
	m.finished = gauge("last_success_timestamp_seconds", "When readers saw a run of the source last.", "source")
	return m
}

// Requested counts a request that was answered or failed; failed is the class of the
// failure, "" for none.
func (m *Metrics) Requested(request, failed string, took time.Duration) {
	if m == nil {
		return
	}
	outcome := "ok"
	if failed != "" {
		outcome = failed
	}
	m.requests.WithLabelValues(request, outcome).Observe(took.Seconds())
	m.trace.span(request, failed, took)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.took = append(m.took, took)
}

// Retried counts a request that is sent again.
func (m *Metrics) Retried(request, reason string) {
	if m == nil {
		return
	}
	m.retries.WithLabelValues(request, reason).Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.retried[reason]++
}

// Page counts a page: bytes, and its lines by what became of them.
func (m *Metrics) Page(source string, bytes int64, lines map[string]int64) {
	if m == nil {
		return
	}
	m.pages.WithLabelValues(source).Inc()
	m.bytes.WithLabelValues(source).Add(float64(bytes))
	for outcome, n := range lines {
		m.lines.WithLabelValues(source, outcome).Add(float64(n))
	}
}

// InFlight counts a page that was read (1), or is stored (-1).
func (m *Metrics) InFlight(source string, n int) {
	if m != nil {
		m.inFlight.WithLabelValues(source).Add(float64(n))
	}
}

// Rejected counts a line that went into quarantine.
func (m *Metrics) Rejected(source, reason string) {
	if m != nil {
		m.rejects.WithLabelValues(source, reason).Inc()
	}
}

// Staged notes how long a stage took.
func (m *Metrics) Staged(source, stage string, took time.Duration) {
	if m == nil {
		return
	}
	m.stages.WithLabelValues(source, stage).Set(took.Seconds())
	m.trace.span("stage "+stage, "", took)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.staged = append(m.staged, Stage{stage, took})
}

// Began says which run is counted.
func (m *Metrics) Began(run, source, kind string) {
	if m != nil {
		m.trace.begin(run, source, kind)
	}
}

// Success is the outcome of a run that readers see.
const Success = "success"

// Ended counts a run and its files, by state. watermark is zero where the source has
// none.
func (m *Metrics) Ended(source, kind, outcome string, files map[string]int, watermark time.Time) {
	if m == nil {
		return
	}
	m.runs.WithLabelValues(source, kind, outcome).Inc()
	m.trace.end(outcome, files)
	for state, n := range files {
		m.files.WithLabelValues(source, state).Add(float64(n))
	}
	if outcome != Success {
		return
	}
	m.finished.WithLabelValues(source).SetToCurrentTime()
	if !watermark.IsZero() {
		m.watermark.WithLabelValues(source).Set(float64(watermark.Unix()))
	}
}

// Summary is what the report of a run says of the requests.
type Summary struct {
	Requests int
	Mean     time.Duration // to the head of the answer
	P95      time.Duration
	Retries  map[string]int // by reason
	Stages   []Stage
}

// Summary sums up what was counted so far.
func (m *Metrics) Summary() (s Summary) {
	if m == nil {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s = Summary{Requests: len(m.took), Retries: maps.Clone(m.retried), Stages: slices.Clone(m.staged)}
	if len(m.took) == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(m.took))
	for _, d := range sorted {
		s.Mean += d
	}
	s.Mean /= time.Duration(len(sorted))
	s.P95 = sorted[(len(sorted)*95+99)/100-1]
	return s
}

// Handler answers Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// WriteFile writes all into a file for node_exporter's textfile collector.
func (m *Metrics) WriteFile(path string) error {
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}

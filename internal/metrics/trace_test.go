package metrics

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// A run is a trace: stages and requests are below it, at their time.
func TestRunIsATrace(t *testing.T) {
	exporter := &kept{InMemoryExporter: tracetest.NewInMemoryExporter()}
	m := New()
	stop := m.TraceTo(exporter, "1.2.3")
	m.Began("0199", "payer", "sync")
	m.Requested("kick-off", "", 2*time.Second)
	m.Requested("download", "network", time.Second)
	m.Staged("payer", "export", 3*time.Second)
	m.Ended("payer", "sync", "data", map[string]int{"done": 2}, time.Time{})
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	root := exporter.spans[len(exporter.spans)-1]
	for _, s := range exporter.spans {
		got = append(got, s.Name+" "+s.Status.Description)
		if s.Name != "run" && s.Parent.SpanID() != root.SpanContext.SpanID() {
			t.Errorf("%s is not below the run", s.Name)
		}
	}
	if text := strings.Join(got, ", "); text != "kick-off , download network, stage export , run data" {
		t.Error(text)
	}
	if took := exporter.spans[2].EndTime.Sub(exporter.spans[2].StartTime); took != 3*time.Second || root.Status.Code != codes.Error {
		t.Error(took, root.Status)
	}
	attributes := map[string]string{}
	for _, a := range append(root.Attributes, root.Resource.Attributes()...) {
		attributes[string(a.Key)] = a.Value.String()
	}
	for key, want := range map[string]string{"claimlake.run": "0199", "claimlake.source": "payer", "claimlake.files.done": "2", "service.name": "claimlake", "service.version": "1.2.3"} {
		if attributes[key] != want {
			t.Errorf("%s: %q, want %q", key, attributes[key], want)
		}
	}
}

// kept keeps the spans when it is shut down.
type kept struct {
	*tracetest.InMemoryExporter
	spans tracetest.SpanStubs
}

func (k *kept) Shutdown(ctx context.Context) error {
	k.spans = k.GetSpans()
	return k.InMemoryExporter.Shutdown(ctx)
}

package metrics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// traced is the run as an OpenTelemetry trace: a span for the whole, and below it one
// for each stage and each request, made when that has ended. Like the metrics, it has
// claimlake's own names, the source's and counts. A nil traced traces nothing.
type traced struct {
	tracer trace.Tracer
	under  context.Context //nolint:containedctx // the whole run's, which spans are made under
}

// TraceTo sends what is counted from now on as a trace too, until stop, which bounds by
// ctx how long it waits for the exporter. The error may hold the exporter's URL. Call
// TraceTo before the first count.
func (m *Metrics) TraceTo(exporter sdktrace.SpanExporter, version string) (stop func(ctx context.Context) error) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "claimlake"), attribute.String("service.version", version),
	)))
	t := &traced{tracer: provider.Tracer("github.com/claimlake/claimlake")}
	under, root := t.tracer.Start(context.Background(), "run")
	t.under = under
	m.trace = t
	return func(ctx context.Context) error {
		root.End()
		return provider.Shutdown(ctx)
	}
}

// span adds what has just ended.
func (t *traced) span(name, outcome string, took time.Duration) {
	if t == nil {
		return
	}
	end := time.Now()
	_, s := t.tracer.Start(t.under, name, trace.WithTimestamp(end.Add(-took)))
	if outcome != "" {
		s.SetStatus(codes.Error, outcome)
	}
	s.End(trace.WithTimestamp(end))
}

// begin says which run it is.
func (t *traced) begin(run, source, kind string) {
	if t != nil {
		trace.SpanFromContext(t.under).SetAttributes(attribute.String("claimlake.run", run), attribute.String("claimlake.source", source), attribute.String("claimlake.kind", kind))
	}
}

// end says what became of it.
func (t *traced) end(outcome string, files map[string]int) {
	if t == nil {
		return
	}
	root := trace.SpanFromContext(t.under)
	for _, state := range slices.Sorted(maps.Keys(files)) {
		root.SetAttributes(attribute.Int(fmt.Sprintf("claimlake.files.%s", state), files[state]))
	}
	if outcome != Success {
		root.SetStatus(codes.Error, outcome)
	}
}

package pipeline

import (
	"context"
	"fmt"
	"net/url"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/transport"
)

// TracesTo is the way to the configured OpenTelemetry collector; nil where there is none.
func TracesTo(ctx context.Context, c config.Traces) (*otlptrace.Exporter, error) {
	if c.URL == "" {
		return nil, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("traces: the URL is not one")
	}
	h, err := transport.New(transport.Options{BaseURL: c.URL, CAFile: c.CAFile, Hosts: []string{u.Hostname()}})
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	headers := map[string]string{}
	if c.SecretFile != "" || c.SecretEnv != "" {
		token, err := secret(c.SecretFile, c.SecretEnv)
		if err != nil {
			return nil, fmt.Errorf("traces: %w", err)
		}
		headers["Authorization"] = "Bearer " + token
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.URL), otlptracehttp.WithHTTPClient(h), otlptracehttp.WithHeaders(headers))
}

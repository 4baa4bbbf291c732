package setup

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"github.com/claimlake/claimlake/internal/config"
)

// Traces is the way to the configured OpenTelemetry collector; nil where there is none.
func Traces(ctx context.Context, c config.Traces) (*otlptrace.Exporter, error) {
	if c.URL == "" {
		return nil, nil
	}
	h, err := ClientTo(c.URL, c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	headers := map[string]string{}
	if c.SecretFile != "" || c.SecretEnv != "" {
		token, err := Secret(c.SecretFile, c.SecretEnv)
		if err != nil {
			return nil, fmt.Errorf("traces: %w", err)
		}
		headers["Authorization"] = "Bearer " + token
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.URL), otlptracehttp.WithHTTPClient(h), otlptracehttp.WithHeaders(headers))
}

package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/otel"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/setup"
)

// traceWait is how long a command that is done waits for the collector.
const traceWait = 5 * time.Second

// trace sends what m counts to the configured collector, until stop. A collector that
// is down costs a warning, and no run.
func trace(cmd *cobra.Command, c config.Traces, m *metrics.Metrics) (stop func(), err error) {
	log, err := logger(cmd)
	if err != nil {
		return nil, err
	}
	exporter, err := setup.Traces(cmd.Context(), c)
	if err != nil {
		return nil, usageError{err}
	}
	if exporter == nil {
		return func() {}, nil
	}
	var unsent atomic.Bool
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { unsent.Store(true) }))
	end := m.TraceTo(exporter, version)
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), traceWait)
		defer cancel()
		// Not why: the library's errors have URLs and answers in them.
		if err := end(ctx); err != nil || unsent.Load() {
			log.Warn("the trace of the run could not be sent to traces.url")
		}
	}, nil
}

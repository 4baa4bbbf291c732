package main

import (
	"context"
	"log/slog"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
)

// remote is a server as the source of a run.
type remote interface {
	pipeline.Source
	// Cancel tells the server to stop what it does for a run.
	Cancel(ctx context.Context, job extract.Job) error
}

// newRemote makes the source that the configuration names. It asks nothing yet.
func newRemote(c config.Config, export extract.Export, o pipeline.Observer, log *slog.Logger) (remote, error) {
	agent := "claimlake/" + version
	if c.Export.Mode == "search" {
		return pipeline.NewSearch(c, export, o, log, agent)
	}
	return pipeline.NewServer(c, export, o, log, agent)
}

// asked is what a run asks, in one line; see request.
func asked(c config.Config, e extract.Export) string {
	if c.Export.Mode == "search" {
		return "search " + request(e)
	}
	return request(e)
}

package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/internal/transport"
)

// remote is a server as the source of a run.
type remote interface {
	pipeline.Source
	// Cancel tells the server to stop what it does for a run.
	Cancel(ctx context.Context, job extract.Job) error
}

// newRemote makes the source that the configuration names. It asks nothing yet.
// With full all that is published is read, not only what is new.
func newRemote(ctx context.Context, c config.Config, export extract.Export, full bool, a pipeline.Agent) (remote, error) {
	switch c.Export.Mode {
	case "search":
		return pipeline.NewSearch(c, export, a)
	case "publish":
		var end extract.PublishedPage
		if !full {
			keys, err := setup.SealKeys(c.Seal)
			if err != nil {
				return nil, usageError{err}
			}
			if end, err = pipeline.LastPublished(ctx, c.Lake.Dir, c.Source.Name, keys); err != nil {
				return nil, err
			}
		}
		return pipeline.NewPublish(c, export, end, a)
	}
	server, err := pipeline.NewServer(c, export, a)
	if err != nil {
		return nil, err
	}
	longest, err := pipeline.LongestExport(ctx, c.Lake.Dir, c.Source.Name)
	if err != nil {
		return nil, err
	}
	server.Expect(longest)
	return server, nil
}

// asked is what a run asks of which server, in one line.
func asked(c config.Config, e extract.Export) string {
	text := what(c, e) + " server=" + serverOf(c.Source.URL)
	if !c.Export.Since.IsZero() {
		text += " since=configured"
	}
	return text
}

// serverOf tells servers apart. One on this machine has another port each time: demos,
// tests, tunnels.
func serverOf(base string) string {
	base = strings.TrimRight(base, "/")
	u, err := url.Parse(base)
	if err != nil || !transport.Loopback(u.Hostname()) {
		return base
	}
	return u.Scheme + "://" + u.Hostname() + u.Path
}

// what is what a run asks; see request.
func what(c config.Config, e extract.Export) string {
	switch c.Export.Mode {
	case "search":
		return "search " + request(e)
	case "publish":
		return "publish _type=" + strings.Join(e.Types, ",")
	}
	return request(e)
}

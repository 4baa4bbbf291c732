package pipeline

import (
	"context"
	"log/slog"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/setup"
)

// Agent is on whose behalf a server is asked, and who is told of it.
type Agent struct {
	Observer  Observer
	Log       *slog.Logger
	UserAgent string
	Audit     *audit.Trail // nil: nothing is recorded
	Metrics   *metrics.Metrics
}

// remoteClient is a client of the configured server, with tokens for the types that
// are asked for. It asks nothing yet.
func remoteClient(c config.Config, types []string, a Agent) (*extract.Client, error) {
	h, err := setup.HTTPClient(c.Source)
	if err != nil {
		return nil, err
	}
	tokens, err := setup.Tokens(c.Source, types, len(c.Export.Types) == 0, h, a.Log, a.UserAgent)
	if err != nil {
		return nil, err
	}
	if tokens != nil && a.Audit != nil {
		tokens = &auditedTokens{TokenSource: tokens, trail: a.Audit, source: c.Source.Name}
	}
	return setup.Client(c, h, tokens, setup.Agent{Log: a.Log, UserAgent: a.UserAgent, Metrics: a.Metrics})
}

// Unreadable asks the configured server for a token, and gives those of types of which
// it does not let all be read.
func Unreadable(ctx context.Context, c config.Config, types []string, a Agent) ([]string, error) {
	client, err := remoteClient(c, types, a)
	if err != nil {
		return nil, err
	}
	return client.Unreadable(ctx, types)
}

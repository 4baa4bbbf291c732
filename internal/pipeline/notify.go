package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/hook"
	"github.com/claimlake/claimlake/internal/ledger"
)

// promoted is what a hook is told: that readers see a run, and what it brought.
type promoted struct {
	Type            string           `json:"type"` // run.promoted
	Run             string           `json:"run"`
	Number          uint32           `json:"number"`
	Source          string           `json:"source"`
	Kind            string           `json:"kind"`
	Full            bool             `json:"full"`
	TransactionTime time.Time        `json:"transactionTime,omitzero"`
	Promoted        time.Time        `json:"promoted"`
	Lines           map[string]int64 `json:"lines"`    // by resource type
	Landed          map[string]int64 `json:"landed"`   // of these, new or changed
	Rejected        int64            `json:"rejected"` // lines in quarantine
	Findings        map[string]int64 `json:"findings"` // of the checks, by grade
}

// Deliver tells hooks what is in the outbox of a ledger, oldest first. What cannot be
// delivered stays there, and the error says so; where a hook is down, what waits for it
// is not tried, so that it costs a run one wait only. trail may be nil.
func Deliver(ctx context.Context, l *ledger.Ledger, hooks []hook.Hook, trail *audit.Trail) (delivered int, err error) {
	messages, err := l.Outbox(ctx)
	if err != nil {
		return 0, err
	}
	byName := map[string]hook.Hook{}
	for _, h := range hooks {
		byName[h.Name] = h
	}
	var failed []error
	down := map[string]bool{}
	for _, m := range messages {
		h, known := byName[m.Hook]
		switch {
		case down[m.Hook]:
			continue
		case !known:
			down[m.Hook] = true
			failed = append(failed, fmt.Errorf("hook %s is no longer in the configuration", m.Hook))
			continue
		}
		if err := deliver(ctx, l, h, m, trail); err != nil {
			failed, down[m.Hook] = append(failed, err), errors.Is(err, hook.ErrDown)
			continue
		}
		delivered++
	}
	return delivered, errors.Join(failed...)
}

func deliver(ctx context.Context, l *ledger.Ledger, h hook.Hook, m ledger.Message, trail *audit.Trail) error {
	body, err := messageOf(ctx, l, m.Run)
	if err != nil {
		return err
	}
	if err := trail.Append(audit.Event{Action: "hook", Run: m.Run, Object: m.Hook}); err != nil {
		return err
	}
	if err := h.Send(ctx, m.Run+"."+m.Hook, body); err != nil {
		return errors.Join(err, l.Undelivered(context.WithoutCancel(ctx), m, err.Error()))
	}
	return l.Delivered(context.WithoutCancel(ctx), m)
}

// messageOf is what is told of a run.
func messageOf(ctx context.Context, l *ledger.Ledger, runID string) ([]byte, error) {
	r, err := l.Run(ctx, runID)
	if err != nil {
		return nil, err
	}
	files, err := l.Files(ctx, runID)
	if err != nil {
		return nil, err
	}
	found, err := l.Findings(ctx, runID)
	if err != nil {
		return nil, err
	}
	p := promoted{
		Type: "run.promoted", Run: r.ID, Number: r.Number, Source: r.Source, Kind: r.Kind, Full: r.Full, TransactionTime: r.TransactionTime, Promoted: r.Finished,
		Lines: map[string]int64{}, Landed: map[string]int64{}, Findings: map[string]int64{},
	}
	for _, f := range files {
		if !f.Deletes {
			p.Lines[f.ResourceType] += f.Lines
			p.Landed[f.ResourceType] += f.Landed
		}
		p.Rejected += f.Rejected
	}
	for _, f := range found {
		p.Findings[f.Grade]++
	}
	return json.Marshal(p)
}

// notify tells the hooks what is in the outbox. Readers see the run whatever becomes of
// that.
func (r *run) notify(ctx context.Context) {
	if len(r.options.Hooks) == 0 {
		return
	}
	if _, err := Deliver(ctx, r.ledger, r.options.Hooks, r.options.Audit); err != nil {
		r.options.Log.Warn("not all hooks could be told; the next run, or claimlake hooks deliver, tells them", "error", err)
	}
}

// hookNames are the names of the configured hooks.
func (o Options) hookNames() (names []string) {
	for _, h := range o.Hooks {
		names = append(names, h.Name)
	}
	return names
}

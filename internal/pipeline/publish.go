package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/seal"
)

// Publish is a Source that reads what a server publishes for everybody (Bulk Data
// STU4, "Publish"): first a snapshot, and then only the updates.
type Publish struct {
	*Server // downloads the files
	types   []string
	end     extract.PublishedPage
}

// NewPublish makes a Source of the configured server. end is where the source's last
// sync ended, zero to read everything. Of the export its types count. It asks the
// server nothing yet. The error says what is wrong with the configuration.
func NewPublish(c config.Config, export extract.Export, end extract.PublishedPage, a Agent) (*Publish, error) {
	s, err := NewServer(c, export, a)
	return &Publish{Server: s, types: export.Types, end: end}, err
}

// publishMark, before what tells a publication from another, stands in the ledger
// where an export has its status URL.
const publishMark = "publish:"

// Prepare lists the files that are new. An interrupted run goes on only with the same
// publication, to which updates may have been added.
func (p *Publish) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	p.observer.Step("read what the server publishes")
	found, err := p.client.Published(ctx, p.end)
	if err != nil {
		return Batch{}, err
	}
	mark := publishMark + markOf(found)
	if earlier.StatusURL != "" && earlier.StatusURL != mark {
		return Batch{}, fmt.Errorf("%w: another snapshot is published now", extract.ErrGone)
	}
	if err := note(extract.Job{StatusURL: mark}); err != nil {
		return Batch{}, err
	}
	failures, err := p.failures(ctx, found.Outcome)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{TransactionTime: found.End.TransactionTime, Whole: found.Whole, Published: ledger.Published(found.End), Failures: failures}
	for _, f := range slices.Concat(files(found.Output, false), files(found.Deleted, true)) {
		b.TransactionTime = later(b.TransactionTime, f.handle.TransactionTime)
		if f.ResourceType == "" || slices.Contains(p.types, f.ResourceType) {
			b.Files = append(b.Files, f)
		}
	}
	return b, nil
}

// markOf tells a publication from others: by its first page's time.
func markOf(p extract.Publication) string {
	kind, at := "updates", p.End.TransactionTime
	if p.Whole {
		kind = "snapshot"
	}
	for _, f := range slices.Concat(p.Output, p.Deleted) {
		if f.TransactionTime.Before(at) || at.IsZero() {
			at = f.TransactionTime
		}
	}
	return strings.Join([]string{kind, at.Format(time.RFC3339Nano)}, " ")
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Finish has nothing to do: what is published stays.
func (p *Publish) Finish(context.Context, extract.Job) error { return nil }

// Cancel has nothing to do either.
func (p *Publish) Cancel(context.Context, extract.Job) error { return nil }

// LastPublished is where the source's last sync of published files ended; zero before
// the first. keys open it where it is sealed.
func LastPublished(ctx context.Context, dir, source string, keys *seal.Keys) (end extract.PublishedPage, err error) {
	err = readLedger(ctx, dir, func(l *ledger.Ledger) error {
		l.SealWith(keys)
		p, err := l.LastPublished(ctx, source)
		end = extract.PublishedPage(p)
		return err
	})
	return end, err
}

package pipeline

import (
	"context"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/clickhouse"
)

// trim removes the rows of a resumed run that ClickHouse has and the ledger does not
// know: their pages come again, and may be other than they were, if what was read
// before the interruption was damaged. The lake has none: its parts are swept. Files
// that are done have no such rows.
func (r *run) trim(ctx context.Context) error {
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	durable := map[string][]clickhouse.Lines{}
	for _, f := range files {
		if f.State == ledger.Done {
			continue
		}
		pages, err := r.ledger.Pages(ctx, r.ID, f.ID)
		if err != nil {
			return err
		}
		durable[f.ID] = linesOf(pages)
	}
	return r.partition.Trim(ctx, durable)
}

// linesOf are the lines of pages, which are in order.
func linesOf(pages []ledger.Page) []clickhouse.Lines {
	var list []clickhouse.Lines
	for _, p := range pages {
		last := p.First + int64(p.Lines) - 1
		if n := len(list); n > 0 && list[n-1].Last == p.First-1 {
			list[n-1].Last = last
		} else {
			list = append(list, clickhouse.Lines{First: p.First, Last: last})
		}
	}
	return list
}

package pipeline

import (
	"context"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
)

// known is, by resource type, the hashes of the lines whose rows are current in
// all stores, made by the mappings in use: such lines need not be loaded again.
type known map[string]parquet.Hashes

func (k known) has(resourceType string, hash uint64) bool { return k[resourceType].Has(hash) }

// loaded finds the lines of the run's source that the stores have already.
func (r *run) loaded(ctx context.Context) (known, error) {
	visible := func(string) bool { return true }
	if w := r.options.Warehouse; w != nil {
		runs, err := w.PromotedRuns(ctx)
		if err != nil {
			return nil, err
		}
		visible = func(runID string) bool { return runs[runID] }
	}
	k := known{}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		if !t.IsRoot() {
			continue
		}
		k[t.Resource], err = r.parquet.Hashes(t.Name, func(runID, source, mapping string) bool {
			return source == r.Source && mapping == t.Mapping && visible(runID)
		})
		if err != nil {
			return nil, err
		}
	}
	return k, nil
}

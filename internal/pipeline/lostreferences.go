package pipeline

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

// lostReferences finds the columns for which references named no id, and the rows of which
// nobody knows whose they are, since they have no reference or a logical one only.
func (r *run) lostReferences(ctx context.Context) (found []checks.Finding, err error) {
	values, err := r.ledger.Values(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	said := map[string]int64{}
	for _, v := range values {
		if v.Reason == transform.ValueNoReference {
			said[v.Table+"."+v.Column] = v.Count
			found = append(found, checks.LostReferences(v.Table+"."+v.Column, v.Count))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ref := range references {
		column := ref.table + "." + ref.column
		if n := r.nobodys[column] - said[column]; n > 0 {
			found = append(found, checks.NoReferences(column, n))
		}
	}
	return found, nil
}

// countNobodys counts the rows of a page that do not say whose they are.
func (r *run) countNobodys(batches []arrow.Record) error {
	for _, b := range batches {
		t, err := table.Of(b.Schema())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(references, func(ref reference) bool { return ref.table == t.Name })
		if i < 0 {
			continue
		}
		for _, at := range b.Schema().FieldIndices(references[i].column) {
			r.mu.Lock()
			r.nobodys[t.Name+"."+references[i].column] += int64(b.Column(at).NullN())
			r.mu.Unlock()
		}
	}
	return nil
}

package pipeline

import (
	"context"
	"sync/atomic"

	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
)

// known is, by resource type, the lines whose rows are current in all stores, made
// by the mappings in use: such lines need not be loaded again.
type known map[string]*knownLines

// knownLines are the hashes of lines, and which of them the run met.
type knownLines struct {
	hashes parquet.Hashes
	met    []atomic.Uint64 // bits
}

// has reports whether a line is known, and remembers that it came. It may be called
// concurrently.
func (k known) has(resourceType string, hash uint64) bool {
	lines := k[resourceType]
	if lines == nil {
		return false
	}
	i := lines.hashes.Index(hash)
	if i >= 0 {
		lines.met[i/64].Or(1 << (i % 64))
	}
	return i >= 0
}

// mark remembers that a line came before an interruption, of whatever type it is.
func (k known) mark(hash uint64) {
	for resourceType := range k {
		k.has(resourceType, hash)
	}
}

// anyCame reports whether has was asked for any line of a type that is known.
func (k known) anyCame(resourceType string) bool {
	lines := k[resourceType]
	if lines == nil {
		return false
	}
	for i := range lines.met {
		if lines.met[i].Load() != 0 {
			return true
		}
	}
	return false
}

// came reports whether has was asked for a line that is known.
func (k known) came(resourceType string, hash uint64) bool {
	lines := k[resourceType]
	if lines == nil {
		return false
	}
	i := lines.hashes.Index(hash)
	return i >= 0 && lines.met[i/64].Load()>>(i%64)&1 == 1
}

// knownLines finds the lines of the run's source that the stores have already.
func (r *run) knownLines(ctx context.Context) (known, error) {
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
		hashes, err := r.parquet.Hashes(t.Name, func(runID, source, mapping string) bool {
			r.older = r.older || mapping != t.Mapping
			return source == r.Source && mapping == t.Mapping && visible(runID)
		})
		if err != nil {
			return nil, err
		}
		k[t.Resource] = &knownLines{hashes: hashes, met: make([]atomic.Uint64, len(hashes)/64+1)}
	}
	return k, nil
}

// remember marks the known lines that came before an interruption. Where an older claimlake
// began the run, the ledger does not have them.
func (r *run) remember(ctx context.Context) error {
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	unchanged := int64(0)
	for _, f := range files {
		unchanged += f.Unchanged
	}
	err = r.ledger.EachCame(ctx, r.ID, func(c ledger.Came) {
		r.known.mark(c.Hash)
		unchanged--
	})
	r.forgot = unchanged > 0
	return err
}

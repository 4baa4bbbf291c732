package pipeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/policy"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
)

// outranked is, by resource type, the loaded copies that would outrank a deletion although
// the server's word is newer, sorted by hash.
type outranked map[string][]loadedCopy

type loadedCopy struct {
	id      uint64 // xxh3 of the id that its row has
	version int64  // that its row has, µs since 1970
}

// outranked finds the loaded copies that must not hide what the server says is deleted. In
// a full export any may be later: a copy from before a backup was restored, too. In any
// other sync only a copy of a time after the export's can: a clock was ahead when it was
// loaded. A policy moves times forward, if at all.
func (r *run) outranked() (outranked, error) {
	if r.Kind != "sync" || r.TransactionTime.IsZero() {
		return nil, nil
	}
	from := r.TransactionTime
	if r.options.Full {
		from = time.Time{}
	}
	found := outranked{}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		if !t.IsRoot() {
			continue
		}
		var copies []loadedCopy
		err = r.parquet.ResourcesSince(t.Name, r.Source, from, func(x parquet.Resource) {
			copies = append(copies, loadedCopy{xxh3.HashString(x.ID), x.Version.UnixMicro()})
		})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(copies, func(a, b loadedCopy) int { return cmp.Compare(a.id, b.id) })
		found[t.Resource] = copies
	}
	return found, nil
}

// any reports whether there are loaded copies that could outrank others.
func (o outranked) any() bool {
	for _, copies := range o {
		if len(copies) > 0 {
			return true
		}
	}
	return false
}

// versions gives the version of the loaded copy of a resource, as it was before a policy
// changed it. The function is for one goroutine.
func (o outranked) versions(p *policy.Policy) func(resourceType string, id []byte) (int64, bool) {
	stored := p.Ranks()
	return func(resourceType string, id []byte) (int64, bool) {
		copies := o[resourceType]
		if len(copies) == 0 {
			return 0, false
		}
		as, move := stored(resourceType, string(id))
		i, ok := slices.BinarySearchFunc(copies, xxh3.HashString(as), func(c loadedCopy, hash uint64) int { return cmp.Compare(c.id, hash) })
		if !ok {
			return 0, false
		}
		return copies[i].version - move, true
	}
}

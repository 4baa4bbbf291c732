package parquet

import (
	"context"
	"errors"
	"fmt"
)

const (
	// maxContested is how many of a run's resources are compared at a time:
	// about 150 MB. More are compared in several passes over the main tables.
	maxContested = 2 << 20
	// maxProbes is up to how many resources a part's Bloom filter is asked for
	// before the part is read: with more, some answer is "perhaps" anyway.
	maxProbes = 500
)

// decide finds the lines of a resource type that no longer count.
func (b *build) decide(ctx context.Context, root string) error {
	lost := newLosers()
	passes := 1 + uint64(b.rows[root])/uint64(b.run.lake.contested)
	for pass := range passes {
		c := newContest()
		c.losers = lost
		if err := b.compare(ctx, c, root, func(key resource) bool { return key.Lo%passes == pass }); err != nil {
			return err
		}
	}
	b.losers[root] = lost
	return nil
}

// compare lets the copies of those resources that are wanted compete: first
// those of the run, then those of the snapshot before.
func (b *build) compare(ctx context.Context, c *contest, root string, wanted func(resource) bool) error {
	var ids []uint64
	err := b.eachCopy(ctx, c, root, true, nil, func(id uint64, key resource, r rival) {
		if wanted(key) {
			c.enter(key, r)
			if len(ids) <= maxProbes {
				ids = append(ids, id)
			}
		}
	})
	if err != nil {
		return err
	}
	if len(ids) > maxProbes {
		ids = nil
	}
	err = b.eachCopy(ctx, c, root, false, ids, func(_ uint64, key resource, r rival) {
		if wanted(key) {
			c.meet(key, r)
		}
	})
	if err == nil && c.twice {
		err = errors.New("a line is in two parts: the ledger and the lake do not belong together")
	}
	return err
}

// eachCopy reads the main table's parts of the run, or of the snapshot before:
// of these only those that may hold one of ids, when ids are given.
func (b *build) eachCopy(ctx context.Context, c *contest, root string, fresh bool, ids []uint64, do func(uint64, resource, rival)) error {
	for _, in := range b.inputs {
		if in.table != root || in.fresh != fresh {
			continue
		}
		if err := errors.Join(ctx.Err(), b.readCopies(in.path, c, ids, do)); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) readCopies(path string, c *contest, ids []uint64, do func(uint64, resource, rival)) error {
	return withPart(b.run.lake.abs(path), func(p *partFile) error {
		if ids != nil {
			if may, err := p.mayHold(ids); err != nil || !may {
				return err
			}
		}
		return p.copies(b.number, c.originOf, do)
	})
}

// number is the number of a run of the snapshot.
func (b *build) number(runID string) (uint32, error) {
	for _, r := range append(b.from.Runs, b.me) {
		if r.ID == runID {
			return r.Number, nil
		}
	}
	return 0, fmt.Errorf("run %s is not known to the lake", runID)
}

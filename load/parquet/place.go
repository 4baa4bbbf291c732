package parquet

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/lineage"
)

// decide finds the lines of a resource type that do not count any more.
func (b *build) decide(ctx context.Context, root string) error {
	c := &contest{best: map[resource]rival{}, losers: lineSet{}}
	runs := numbers{b.run.id: b.run.number}
	for _, r := range b.from.Runs {
		runs[r.ID] = r.Number
	}
	for _, fresh := range []bool{true, false} {
		take := c.enter
		if !fresh {
			take = c.meet
		}
		for _, in := range b.inputs {
			if in.table != root || in.fresh != fresh {
				continue
			}
			if err := errors.Join(ctx.Err(), b.compare(in, runs, take)); err != nil {
				return err
			}
		}
	}
	b.losers[root] = c.losers
	return nil
}

func (b *build) compare(in input, runs numbers, take func(resource, rival)) error {
	p, err := openPart(b.run.lake.abs(in.path))
	if err != nil {
		return err
	}
	return errors.Join(p.copies(runs, take), p.close())
}

// place puts one part into the snapshot.
func (b *build) place(in input) error {
	p, err := openPart(b.run.lake.abs(in.path))
	if err != nil {
		return err
	}
	defer p.close() //nolint:errcheck // read only
	live, dead, err := b.sort(in, p)
	if err != nil {
		return err
	}
	if in.fresh {
		b.me.Rows[in.table] += p.parts.NumRows() - dead.whole
		b.me.Tombstones += dead.whole
	}
	if err := b.put(in, p, live, in.deleted); err != nil || in.deleted {
		return err
	}
	return b.put(in, p, dead, true)
}

// selection says which rows of a part to take.
type selection struct {
	keep  [][]bool // a flag a row, by row group
	rows  int64    // flags set
	whole int64    // rows of the kind, those that lost counted too
}

// sort tells the rows of a part that count from its tombstones that count.
func (b *build) sort(in input, p *partFile) (live, dead selection, err error) {
	losers := b.losers[p.table.Root]
	mixed := in.fresh && p.table.IsRoot() // only there are tombstones among other rows
	for _, g := range p.parts.RowGroups() {
		lost, deleted, err := p.flags(g, losers, mixed)
		if err != nil {
			return live, dead, err
		}
		live.add(lost, deleted, false)
		dead.add(lost, deleted, true)
	}
	return live, dead, nil
}

func (s *selection) add(lost, deleted []bool, want bool) {
	keep := make([]bool, len(lost))
	for i := range keep {
		if deleted[i] == want {
			s.whole++
			if keep[i] = !lost[i]; keep[i] {
				s.rows++
			}
		}
	}
	s.keep = append(s.keep, keep)
}

// flags says of each row of a group whether it lost and whether it is a
// tombstone among other rows.
func (p *partFile) flags(g pq.RowGroup, losers lineSet, mixed bool) (lost, deleted []bool, err error) {
	n := int(g.NumRows())
	lost, deleted = make([]bool, n), make([]bool, n)
	row := 0
	if mixed {
		if err := p.each(g, lineage.Deleted, func(v pq.Value) { deleted[row] = v.Boolean(); row++ }); err != nil {
			return nil, nil, err
		}
	}
	if !losers.hasRun(p.runID) {
		return lost, deleted, nil
	}
	names, files := texts{}, make([]string, 0, n)
	if err := p.each(g, lineage.FileID, func(v pq.Value) { files = append(files, names.of(v.ByteArray())) }); err != nil {
		return nil, nil, err
	}
	row = 0
	err = p.each(g, lineage.Line, func(v pq.Value) {
		lost[row] = losers.has(origin{p.runID, files[row]}, v.Int64())
		row++
	})
	return lost, deleted, err
}

// put links or writes the selected rows of a part.
func (b *build) put(in input, p *partFile, s selection, deleted bool) error {
	if s.rows == 0 {
		return nil
	}
	target := b.run.lake.abs(b.target(in, deleted))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	if s.rows == p.parts.NumRows() {
		return os.Link(b.run.lake.abs(in.path), target)
	}
	return p.rewrite(target, s.keep)
}

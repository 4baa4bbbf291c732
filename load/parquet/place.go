package parquet

import (
	"fmt"
	"math"
	"path"
	"path/filepath"
	"slices"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/lineage"
)

// place puts one part into the snapshot.
func (b *build) place(in input) error {
	return withPart(b.run.lake.abs(in.path), func(p *partFile) error {
		live, dead, err := b.sort(in, p)
		if err != nil {
			return err
		}
		if in.fresh {
			b.count(in.table, p.parts.NumRows()-dead.whole, dead.whole)
		}
		if err := b.put(in, p, live, in.deleted); err != nil || in.deleted {
			return err
		}
		return b.put(in, p, dead, true)
	})
}

// count counts what the run brought.
func (b *build) count(table string, rows, tombstones int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.me.Rows[table] += rows
	b.me.Tombstones += tombstones
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
		lost, deleted, err := p.flags(g, losers.lines, mixed)
		if err == nil && (mixed || in.deleted) {
			err = p.flagTombstones(g, losers.tombstones, lost, deleted, in.deleted)
		}
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
	lost, deleted = make([]bool, g.NumRows()), make([]bool, g.NumRows())
	if mixed {
		if err := p.each(g, lineage.Deleted, func(row int, v pq.Value) { deleted[row] = v.Boolean() }); err != nil {
			return nil, nil, err
		}
	}
	if may, err := p.mayLose(g, losers); err != nil || !may {
		return lost, deleted, err
	}
	run, err := p.runs(g)
	if err != nil {
		return nil, nil, err
	}
	file, files := "", make([]string, len(lost)) // rows of a file stand together, and those of a line
	err = p.each(g, lineage.FileID, func(row int, v pq.Value) {
		if string(v.ByteArray()) != file {
			file = string(v.ByteArray())
		}
		files[row] = file
	})
	if err != nil {
		return nil, nil, err
	}
	before := int64(-1)
	err = p.each(g, lineage.Line, func(row int, v pq.Value) {
		line := v.Int64()
		if line == before && files[row] == files[row-1] && p.runID != "" {
			lost[row] = lost[row-1]
		} else {
			lost[row] = losers.has(origin{run(row), files[row]}, line)
		}
		before = line
	})
	return lost, deleted, err
}

// flagTombstones says of each tombstone of a row group whether it lost. deleted says which
// rows are tombstones; with all every row is.
func (p *partFile) flagTombstones(g pq.RowGroup, losers map[tombstone]bool, lost, deleted []bool, all bool) error {
	if !all && !slices.Contains(deleted, true) {
		return nil
	}
	for i := range lost {
		if all || deleted[i] {
			lost[i] = false // its line may have lost as another resource's
		}
	}
	if len(losers) == 0 {
		return nil
	}
	number := map[origin]int32{}
	var origins []origin
	originOf := func(o origin) int32 {
		i, ok := number[o]
		if !ok {
			i = int32(len(origins))
			number[o], origins = i, append(origins, o)
		}
		return i
	}
	row := 0
	return p.groupCopies(g, func(string) (uint32, error) { return 0, nil }, originOf, func(_ uint64, key resource, r rival) {
		if all || deleted[row] {
			lost[row] = losers[tombstone{origins[r.origin], r.line, key}]
		}
		row++
	})
}

// mayLose reports whether the row group may have lines that lost, by its
// statistics: a part holds a few thousand neighbouring lines of a file.
func (p *partFile) mayLose(g pq.RowGroup, losers lineSet) (bool, error) {
	c, err := p.chunk(g, lineage.Line)
	if err != nil {
		return false, err
	}
	first, last := int64(0), int64(math.MaxInt64)
	if file, ok := c.(*pq.FileColumnChunk); ok {
		if least, most, ok := file.Bounds(); ok {
			first, last = least.Int64(), most.Int64()
		}
	}
	return losers.within(p.runID, first, last), nil
}

// put links or writes the selected rows of a part.
func (b *build) put(in input, p *partFile, s selection, deleted bool) error {
	if s.rows == 0 {
		return nil
	}
	name := b.target(in, deleted)
	target := b.run.lake.abs(path.Join(b.dir(), name))
	if err := durable.Mkdir(filepath.Dir(target)); err != nil {
		return err
	}
	if s.rows == p.parts.NumRows() {
		if err := durable.Link(b.run.lake.abs(in.path), target); err != nil {
			return fmt.Errorf("%w; a lake needs a file system with hard and symbolic links", err)
		}
		b.summed(name, in.sum)
		return nil
	}
	if err := unaltered(b.run.lake.abs(in.path), in.sum); err != nil { // damage would get a sum of its own
		return err
	}
	sum, err := p.rewrite(target, s.keep)
	b.summed(name, sum)
	return err
}

package parquet

import (
	"fmt"
	"slices"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Hashes are values of the column _hash, sorted, each once.
type Hashes []uint64

// Index is the place of a hash; -1 where it is not one of them.
func (h Hashes) Index(hash uint64) int {
	if i, ok := slices.BinarySearch(h, hash); ok {
		return i
	}
	return -1
}

// Hashes reads the hashes of the lines that are current in a main table, of
// those rows for which keep says so: eight bytes a row are held. A line with
// such a hash need not be flattened again. Without a snapshot or such a table
// there are none.
func (l *Lake) Hashes(table string, keep func(runID, source, mapping string) bool) (Hashes, error) {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return nil, err
	}
	if err := checkName("table", table); err != nil {
		return nil, err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return nil, fmt.Errorf("read the hashes of %s: %w", table, err)
	}
	var out Hashes
	for _, in := range parts {
		if in.table != table {
			continue
		}
		err := withPart(l.abs(in.path), func(p *partFile) (err error) {
			out, err = p.appendHashes(out, keep)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the hashes of %s: %w", table, err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (p *partFile) appendHashes(out Hashes, keep func(runID, source, mapping string) bool) (_ Hashes, err error) {
	for _, g := range p.parts.RowGroups() {
		if out, err = p.groupHashes(out, g, keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *partFile) groupHashes(out Hashes, g pq.RowGroup, keep func(runID, source, mapping string) bool) (Hashes, error) {
	type kind struct{ run, source, mapping string }
	run, err := p.runs(g)
	if err != nil {
		return nil, err
	}
	names, kinds, wanted := texts{}, make([]kind, g.NumRows()), map[kind]bool{}
	err = p.each(g, lineage.Source, func(row int, v pq.Value) { kinds[row].source = names.of(v.ByteArray()) })
	if err != nil {
		return nil, err
	}
	err = p.each(g, lineage.Mapping, func(row int, v pq.Value) {
		k := &kinds[row]
		k.run, k.mapping = run(row), names.of(v.ByteArray())
		if _, ok := wanted[*k]; !ok {
			wanted[*k] = keep(k.run, k.source, k.mapping)
		}
	})
	if err != nil {
		return nil, err
	}
	err = p.each(g, lineage.Hash, func(row int, v pq.Value) {
		if wanted[kinds[row]] {
			out = append(out, v.Uint64())
		}
	})
	return out, err
}

package parquet

import (
	"fmt"
	"slices"

	pq "github.com/parquet-go/parquet-go"
	"github.com/zeebo/xxh3"
)

// Orphans counts the current rows of a run in which a column has a reference, and those
// whose reference is to no current row of another main table. It holds eight bytes for
// each row of that.
func (l *Lake) Orphans(runID, table, column, other string) (orphans, rows int64, err error) {
	ids, err := l.ids(other)
	if err != nil {
		return 0, 0, fmt.Errorf("look for what %s.%s refers to: %w", table, column, err)
	}
	paths, err := l.livePaths(table)
	for _, path := range paths {
		if err != nil {
			break
		}
		err = withPart(l.abs(path), func(p *partFile) error {
			if p.runID != "" && p.runID != runID || !p.schema.HasField(column) {
				return nil
			}
			for _, g := range p.parts.RowGroups() {
				run, err := p.runs(g)
				if err != nil {
					return err
				}
				err = p.each(g, column, func(row int, v pq.Value) {
					if v.IsNull() || run(row) != runID {
						return
					}
					rows++
					if _, ok := slices.BinarySearch(ids, xxh3.Hash(v.ByteArray())); !ok {
						orphans++
					}
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return 0, 0, fmt.Errorf("look for what %s.%s refers to: %w", table, column, err)
	}
	return orphans, rows, nil
}

// ids are the xxh3 of the ids of a main table's current rows, sorted.
func (l *Lake) ids(table string) (ids []uint64, err error) {
	paths, err := l.livePaths(table)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		err := withPart(l.abs(path), func(p *partFile) error {
			for _, g := range p.parts.RowGroups() {
				if err := p.each(g, p.table.Key[0], func(_ int, v pq.Value) { ids = append(ids, xxh3.Hash(v.ByteArray())) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return ids, nil
}

package parquet

import (
	"fmt"
	"math"
	"time"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Resource is a row of a main table.
type Resource struct {
	ID      string
	Hash    uint64 // of its line
	Version time.Time
}

// Resources calls do for each current row of a main table that is of the source.
func (l *Lake) Resources(table, source string, do func(Resource)) error {
	return l.ResourcesSince(table, source, time.Time{}, do)
}

// ResourcesSince does so for rows whose version is a time or later. What cannot have such
// rows is not read.
func (l *Lake) ResourcesSince(table, source string, since time.Time, do func(Resource)) error {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return fmt.Errorf("read the resources of %s: %w", table, err)
	}
	var paths []string
	for _, in := range parts {
		if in.table == table {
			paths = append(paths, in.path)
		}
	}
	return l.resourcesIn(paths, source, since, do)
}

// ResourcesIn does the same for parts of a main table, by their paths relative to
// the lake, whether readers see them or not.
func (l *Lake) ResourcesIn(paths []string, source string, do func(Resource)) error {
	return l.resourcesIn(paths, source, time.Time{}, do)
}

func (l *Lake) resourcesIn(paths []string, source string, since time.Time, do func(Resource)) error {
	for _, path := range paths {
		err := withPart(l.abs(path), func(p *partFile) error {
			for _, g := range p.parts.RowGroups() {
				if latest, err := p.latest(g); err != nil || latest.Before(since) {
					if err != nil {
						return err
					}
					continue
				}
				if err := p.resources(g, source, since, do); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the resources: %w", err)
		}
	}
	return nil
}

// latest is the latest version in a row group, by its statistics; the end of time where
// they do not say.
func (p *partFile) latest(g pq.RowGroup) (time.Time, error) {
	c, err := p.chunk(g, lineage.Version)
	if err != nil {
		return time.Time{}, err
	}
	if file, ok := c.(*pq.FileColumnChunk); ok {
		if _, most, ok := file.Bounds(); ok {
			return time.UnixMicro(most.Int64()).UTC(), nil
		}
	}
	return time.UnixMicro(math.MaxInt64), nil
}

func (p *partFile) resources(g pq.RowGroup, source string, since time.Time, do func(Resource)) error {
	rows, of := make([]Resource, g.NumRows()), make([]bool, g.NumRows())
	for _, column := range []struct {
		name string
		take func(row int, v pq.Value)
	}{
		{lineage.Source, func(row int, v pq.Value) { of[row] = string(v.ByteArray()) == source }},
		{lineage.Hash, func(row int, v pq.Value) { rows[row].Hash = v.Uint64() }},
		{lineage.Version, func(row int, v pq.Value) { rows[row].Version = time.UnixMicro(v.Int64()).UTC() }},
		{p.table.Key[0], func(row int, v pq.Value) {
			if of[row] {
				rows[row].ID = string(v.ByteArray())
			}
		}},
	} {
		if err := p.each(g, column.name, column.take); err != nil {
			return err
		}
	}
	for i := range rows {
		if of[i] && !rows[i].Version.Before(since) {
			do(rows[i])
		}
	}
	return nil
}

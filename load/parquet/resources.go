package parquet

import (
	"fmt"
	"maps"
	"math"
	"slices"
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

// Tombstones calls do for each tombstone of a main table that still counts and is of the
// source.
func (l *Lake) Tombstones(table, source string, do func(Resource)) error {
	paths, err := l.tombstonePaths(table)
	if err != nil {
		return fmt.Errorf("read the tombstones of %s: %w", table, err)
	}
	return l.resourcesIn(paths, source, time.Time{}, do)
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

// Copy is one copy of a resource, with what tells it from others.
type Copy struct {
	Resource
	RunID, FileID   string
	Line            int64 // from 1
	Deleted         bool  // a tombstone
	TransactionTime time.Time
	VersionID       string // of its server; "" where there is no such column, or no value
}

// Copies calls do for those rows of parts of a main table that are of the source and whose
// id is wanted. versionID names the column with meta.versionId, "" where there is none.
func (l *Lake) Copies(paths []string, source, versionID string, wanted func(id []byte) bool, do func(Copy)) error {
	for _, path := range paths {
		err := withPart(l.abs(path), func(p *partFile) error {
			for _, g := range p.parts.RowGroups() {
				if err := p.someCopies(g, source, versionID, wanted, do); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read copies: %w", err)
		}
	}
	return nil
}

func (p *partFile) someCopies(g pq.RowGroup, source, versionID string, wanted func(id []byte) bool, do func(Copy)) error {
	found := map[int]*Copy{}
	err := p.each(g, p.table.Key[0], func(row int, v pq.Value) {
		if wanted(v.ByteArray()) {
			found[row] = &Copy{Resource: Resource{ID: string(v.ByteArray())}}
		}
	})
	if err != nil || len(found) == 0 {
		return err
	}
	run, err := p.runs(g)
	if err != nil {
		return err
	}
	columns := map[string]func(c *Copy, v pq.Value){
		lineage.Source: func(c *Copy, v pq.Value) {
			if string(v.ByteArray()) != source {
				c.ID = ""
			}
		},
		lineage.Hash:            func(c *Copy, v pq.Value) { c.Hash = v.Uint64() },
		lineage.Version:         func(c *Copy, v pq.Value) { c.Version = time.UnixMicro(v.Int64()).UTC() },
		lineage.FileID:          func(c *Copy, v pq.Value) { c.FileID = string(v.ByteArray()) },
		lineage.Line:            func(c *Copy, v pq.Value) { c.Line = v.Int64() },
		lineage.Deleted:         func(c *Copy, v pq.Value) { c.Deleted = v.Boolean() },
		lineage.TransactionTime: func(c *Copy, v pq.Value) { c.TransactionTime = time.UnixMicro(v.Int64()).UTC() },
	}
	if versionID != "" && p.schema.HasField(versionID) {
		columns[versionID] = func(c *Copy, v pq.Value) { c.VersionID = keyText(v) }
	}
	for name, take := range columns {
		err := p.each(g, name, func(row int, v pq.Value) {
			if c := found[row]; c != nil {
				take(c, v)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, row := range slices.Sorted(maps.Keys(found)) {
		if c := found[row]; c.ID != "" {
			c.RunID = run(row)
			do(*c)
		}
	}
	return nil
}

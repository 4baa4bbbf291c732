package parquet

import (
	"fmt"
	"slices"
	"strings"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/bloom/xxhash"

	"github.com/claimlake/claimlake/internal/lineage"
)

// copies reads a part of a main table and calls do for each row. number gives that of
// a run.
func (p *partFile) copies(number func(runID string) (uint32, error), originOf func(origin) int32, do func(id uint64, key resource, r rival)) error {
	for _, g := range p.parts.RowGroups() {
		if err := p.groupCopies(g, number, originOf, do); err != nil {
			return err
		}
	}
	return nil
}

func (p *partFile) groupCopies(g pq.RowGroup, number func(runID string) (uint32, error), originOf func(origin) int32, do func(uint64, resource, rival)) error {
	n := int(g.NumRows())
	run, err := p.runs(g)
	if err != nil {
		return err
	}
	rivals, keys, ids, sources := make([]rival, n), make([]resource, n), make([]uint64, n), make([]string, n)
	names := texts{}
	for _, column := range []struct {
		name string
		take func(row int, v pq.Value)
	}{
		{lineage.Source, func(row int, v pq.Value) { sources[row] = names.of(v.ByteArray()) }},
		{lineage.FileID, func(row int, v pq.Value) {
			file := names.of(v.ByteArray())
			rivals[row].origin, rivals[row].again = originOf(origin{run(row), file}), strings.HasPrefix(file, lineage.AgainMark)
		}},
		{lineage.Line, func(row int, v pq.Value) { rivals[row].line = v.Int64() }},
		{lineage.Hash, func(row int, v pq.Value) { rivals[row].hash = v.Uint64() }},
		{lineage.Version, func(row int, v pq.Value) { rivals[row].version = v.Int64() }},
		{lineage.Deleted, func(row int, v pq.Value) { rivals[row].deleted = v.Boolean() }},
		{p.table.Key[0], func(row int, v pq.Value) {
			keys[row], ids[row] = resourceOf(sources[row], v.ByteArray()), xxhash.Sum64(v.ByteArray())
		}},
	} {
		if err := p.each(g, column.name, column.take); err != nil {
			return err
		}
	}
	for i := range rivals {
		if rivals[i].run, err = number(run(i)); err != nil {
			return err
		}
		do(ids[i], keys[i], rivals[i])
	}
	return nil
}

// mayHold reports whether resources with the given ids (their XXH64) may be in
// the part, by the Bloom filters of its main key.
func (p *partFile) mayHold(ids []uint64) (bool, error) {
	for _, g := range p.parts.RowGroups() {
		c, err := p.chunk(g, p.table.Key[0])
		if err != nil {
			return false, err
		}
		filter := c.BloomFilter()
		if filter == nil {
			return true, nil
		}
		bits := make([]byte, filter.Size())
		if n, err := filter.ReadAt(bits, 0); n < len(bits) {
			return false, fmt.Errorf("read a Bloom filter: %w", notEOF(err))
		}
		if slices.ContainsFunc(ids, bloom.MakeSplitBlockFilter(bits).Check) {
			return true, nil
		}
	}
	return false, nil
}

// texts keeps one string of each text.
type texts map[string]string

func (t texts) of(b []byte) string {
	s, ok := t[string(b)]
	if !ok {
		s = string(b)
		t[s] = s
	}
	return s
}

package parquet

import (
	"fmt"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/lineage"
)

// numbers are the numbers of the runs by id.
type numbers map[string]uint32

// copies reads a part of a main table and calls do for each row.
func (p *partFile) copies(runs numbers, do func(resource, rival)) error {
	number, ok := runs[p.runID]
	if !ok {
		return fmt.Errorf("run %s is not known to the lake", p.runID)
	}
	for _, g := range p.parts.RowGroups() {
		if err := p.groupCopies(g, number, do); err != nil {
			return err
		}
	}
	return nil
}

func (p *partFile) groupCopies(g pq.RowGroup, number uint32, do func(resource, rival)) error {
	n := int(g.NumRows())
	names := texts{}
	sources, files := make([]string, 0, n), make([]string, 0, n)
	keys, rivals := make([]resource, 0, n), make([]rival, n)
	row := 0
	set := func(f func(r *rival, v pq.Value)) func(pq.Value) {
		row = 0
		return func(v pq.Value) { f(&rivals[row], v); row++ }
	}
	for _, read := range []struct {
		column string
		do     func() func(pq.Value)
	}{
		{lineage.Source, func() func(pq.Value) { return func(v pq.Value) { sources = append(sources, names.of(v.ByteArray())) } }},
		{lineage.FileID, func() func(pq.Value) { return func(v pq.Value) { files = append(files, names.of(v.ByteArray())) } }},
		{p.table.Key[0], func() func(pq.Value) {
			return func(v pq.Value) { keys = append(keys, resourceOf(sources[len(keys)], v.ByteArray())) }
		}},
		{lineage.Line, func() func(pq.Value) { return set(func(r *rival, v pq.Value) { r.line = v.Int64() }) }},
		{lineage.Hash, func() func(pq.Value) { return set(func(r *rival, v pq.Value) { r.hash = v.Uint64() }) }},
		{lineage.Version, func() func(pq.Value) { return set(func(r *rival, v pq.Value) { r.version = v.Int64() }) }},
	} {
		if err := p.each(g, read.column, read.do()); err != nil {
			return err
		}
	}
	for i := range rivals {
		rivals[i].run, rivals[i].origin = number, origin{p.runID, files[i]}
		do(keys[i], rivals[i])
	}
	return nil
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

package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// tableBuilder collects the rows of one table over a page.
type tableBuilder struct {
	plan    *tablePlan
	columns []columnBuilder
	lineage lineageBuilder
	misfits []misfits // by column
}

// columnBuilder collects the values of one column.
type columnBuilder interface {
	// add converts the hits of the chunk's current rows.
	add(c *chunk, m *misfits)
	// finish gives what was added as an array of so many rows, and starts again.
	finish(rows int, mem memory.Allocator, none *nothing) arrow.Array
}

func newTableBuilder(t *tablePlan) *tableBuilder {
	b := &tableBuilder{plan: t}
	for _, c := range t.columns {
		b.columns = append(b.columns, newColumnBuilder(c))
		b.misfits = append(b.misfits, misfits{required: c.required})
	}
	return b
}

func (b *tableBuilder) rows() int { return len(b.lineage.lines) }

// add converts the given rows of the chunk.
func (b *tableBuilder) add(c *chunk, rows []row) {
	c.turn(b.plan, rows, b.rows())
	for i, col := range b.plan.columns {
		if c.gather(col); len(c.hits) > 0 {
			b.columns[i].add(c, &b.misfits[i])
		}
	}
	b.lineage.add(c)
}

// finish takes the record batch and reports what did not fit.
func (b *tableBuilder) finish(f *Flattener) arrow.Record {
	n := b.rows()
	columns := make([]arrow.Array, 0, b.plan.schema.NumFields())
	for i, c := range b.columns {
		columns = append(columns, c.finish(n, f.mem, &f.none))
		b.misfits[i].report(f.result, b.plan.name, b.plan.columns[i].name)
	}
	columns = append(columns, b.lineage.finish(f.page.Origin, b.plan.mapping, f.mem, &f.none)...)
	record := array.NewRecord(b.plan.schema, columns, int64(n))
	for _, c := range columns {
		c.Release()
	}
	return record
}

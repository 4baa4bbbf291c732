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

// newColumnBuilder makes the builder for a column's type.
func newColumnBuilder(c *columnPlan) columnBuilder {
	if c.choice || c.precision {
		return newCodes(c)
	}
	if c.sum {
		return newSums(c.kind)
	}
	return c.kind.build(c)
}

func textColumn(c *columnPlan) columnBuilder { return &texts{read: c.texter()} }

func codeColumn(c *columnPlan) columnBuilder { return newCodes(c) }

func decimalColumn(c *columnPlan) columnBuilder {
	return newFixed(c.kind.dataType(), c.kind.readDecimal)
}

func fixedColumn[T fixedSize](read func(*chunk, span) (T, string)) func(*columnPlan) columnBuilder {
	return func(c *columnPlan) columnBuilder { return newFixed(c.kind.dataType(), read) }
}

// misfits are the values of one column that did not fit it.
type misfits struct {
	required bool // a key column, which cannot be null
	first    []ValueReject
	counts   []ValueCount
}

// note records that the value of the chunk's row i did not fit.
func (m *misfits) note(c *chunk, i int, reason string) {
	if m.count(reason) <= maxValueRejects {
		m.first = append(m.first, ValueReject{Line: c.lineOf(i).number, Reason: reason})
	}
}

// count counts one more value that did not fit for reason, and gives how many did.
func (m *misfits) count(reason string) int64 {
	for k := range m.counts {
		if m.counts[k].Reason == reason {
			m.counts[k].Count++
			return m.counts[k].Count
		}
	}
	m.counts = append(m.counts, ValueCount{Reason: reason, Count: 1})
	return 1
}

// missing notes that row i has no value, if it must have one.
func (m *misfits) missing(c *chunk, i int) {
	if m.required {
		m.note(c, i, ValueMissingKey)
	}
}

// report moves what was noted to r.
func (m *misfits) report(r *Result, table, column string) {
	for _, v := range m.first {
		v.Table, v.Column = table, column
		r.Values = append(r.Values, v)
	}
	for _, n := range m.counts {
		n.Table, n.Column = table, column
		r.Counts = append(r.Counts, n)
	}
	m.first, m.counts = m.first[:0], m.counts[:0]
}

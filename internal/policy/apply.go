package policy

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// Apply gives the batches of a page as the policy wants them. Whole resources are in
// them, with all their rows. The caller releases those it gave and those it gets.
func (p *Policy) Apply(batches []arrow.Record) (out []arrow.Record, err error) {
	defer func() {
		if err != nil {
			for _, b := range out {
				b.Release()
			}
			out = nil
		}
	}()
	in := p.find(batches)
	p.excluded.Add(int64(len(in.hidden)))
	p.flagged.Add(int64(len(in.labels)))
	for _, b := range batches {
		changed, err := p.apply(b, in)
		if err != nil {
			return out, err
		}
		if changed != nil {
			out = append(out, changed)
		}
	}
	return out, nil
}

// apply gives a batch as the policy wants it; nil where nothing is left of it.
func (p *Policy) apply(b arrow.Record, in found) (arrow.Record, error) {
	b.Retain()
	for _, step := range []func(arrow.Record) (arrow.Record, error){
		func(b arrow.Record) (arrow.Record, error) { return exclude(b, in.hidden) },
		func(b arrow.Record) (arrow.Record, error) { return flag(b, in.labels) },
		p.change,
	} {
		next, err := step(b)
		b.Release()
		if err != nil || next == nil {
			return nil, err
		}
		b = next
	}
	return b, nil
}

// change gives a batch with its columns as the policy wants them.
func (p *Policy) change(b arrow.Record) (arrow.Record, error) {
	t, err := table.Of(b.Schema())
	if err != nil {
		return nil, err
	}
	columns, known := p.tables[t.Name]
	if !known || len(columns) != int(b.NumCols()) {
		return nil, fmt.Errorf("%w: it was not made for the table %s", ErrPolicy, t.Name)
	}
	c := &changer{policy: p, batch: b, table: t}
	arrays := make([]arrow.Array, len(columns))
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i, column := range columns {
		if arrays[i], err = c.column(column.Action, b.Column(i)); err != nil {
			return nil, fmt.Errorf("%w: %s.%s: %w", ErrPolicy, t.Name, column.Name, err)
		}
	}
	return array.NewRecord(b.Schema(), arrays, b.NumRows()), nil
}

// changer changes the columns of one batch.
type changer struct {
	policy *Policy
	batch  arrow.Record
	table  table.Table
	days   []int // by which a row's dates are shifted; 0: of no patient
}

// column gives a column after an action. The caller releases it.
func (c *changer) column(a Action, in arrow.Array) (arrow.Array, error) {
	switch a {
	case Keep:
		in.Retain()
		return in, nil
	case Drop:
		return nulls(in.DataType(), in.Len()), nil
	case Pseudonymise:
		return mapTexts(in, func(s string) string { return c.policy.pseudonym(s) })
	case Zip3:
		return mapTexts(in, zip3)
	case Age:
		return mapAges(in)
	case Year:
		return mapDays(in, false, func(_ int, day int) (int, bool) { return yearOf(day), true })
	case BirthYear:
		now := c.batch.Column(c.batch.Schema().FieldIndices(lineage.RetrievedAt)[0]).(*array.Timestamp)
		return mapDays(in, false, func(row, day int) (int, bool) { return birthYearOf(day, int(int64(now.Value(row))/microsADay)), true })
	case Shift:
		if c.days == nil {
			c.days = c.shifts()
		}
		return mapDays(in, true, func(row, day int) (int, bool) { return day - c.days[row], c.days[row] > 0 })
	}
	return nil, fmt.Errorf("no action %s", a)
}

func nulls(t arrow.DataType, n int) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	defer b.Release()
	b.AppendNulls(n)
	return b.NewArray()
}

package policy

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// Apply makes the batches of a page as the policy wants them; whole resources are in
// them, with all their rows. It puts new batches, with memory of mem, in the place of
// those that it changes and releases, so that the caller has one list to release, with
// an error too.
func (p *Policy) Apply(mem memory.Allocator, page lineage.Page, batches []arrow.Record) ([]arrow.Record, error) {
	in := p.find(page, batches)
	p.excluded.Add(int64(len(in.hidden)))
	p.flagged.Add(int64(len(in.labels)))
	c := &changer{policy: p, mem: mem, secrets: p.secrets()}
	return c.all(batches, func(b arrow.Record) (arrow.Record, error) { return c.apply(b, in) })
}

// ApplyLoaded is Apply for tombstones of what is loaded under the policy: their keys and
// ranks are what it made of them already.
func (p *Policy) ApplyLoaded(mem memory.Allocator, batches []arrow.Record) ([]arrow.Record, error) {
	c := &changer{policy: p, mem: mem, loaded: true}
	return c.all(batches, c.change)
}

// all puts what change gives in the place of the batches.
func (c *changer) all(batches []arrow.Record, change func(arrow.Record) (arrow.Record, error)) ([]arrow.Record, error) {
	out := batches[:0]
	for i, b := range batches {
		changed, err := change(b)
		if err != nil {
			return append(out, batches[i:]...), err
		}
		b.Release()
		if changed != nil {
			out = append(out, changed)
		}
	}
	return out, nil
}

// changer changes the batches of one page.
type changer struct {
	policy  *Policy
	mem     memory.Allocator
	secrets *secrets
	loaded  bool // the rows were changed before: their times alone are
	batch   arrow.Record
	table   table.Table
	days    []int // by which a row's dates are shifted; 0: of no patient
}

// apply gives a batch as the policy wants it; nil where nothing is left of it.
func (c *changer) apply(b arrow.Record, in found) (arrow.Record, error) {
	b.Retain()
	for _, step := range []func(arrow.Record) (arrow.Record, error){
		func(b arrow.Record) (arrow.Record, error) { return exclude(c.mem, b, in.hidden) },
		func(b arrow.Record) (arrow.Record, error) { return flag(c.mem, b, in.labels) },
		c.change,
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
func (c *changer) change(b arrow.Record) (arrow.Record, error) {
	t, err := table.Of(b.Schema())
	if err != nil {
		return nil, err
	}
	columns, known := c.policy.tables[t.Name]
	if !known || len(columns) != int(b.NumCols()) {
		return nil, fmt.Errorf("%w: it was not made for the table %s", ErrPolicy, t.Name)
	}
	c.batch, c.table, c.days = b, t, nil
	arrays := make([]arrow.Array, len(columns))
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i, column := range columns {
		if c.loaded && !isLineage(column.Name) || c.loaded && column.Action == Rank {
			column.Action = Keep
		}
		if arrays[i], err = c.column(column, b.Column(i)); err != nil {
			return nil, fmt.Errorf("%w: %s.%s: %w", ErrPolicy, t.Name, column.Name, err)
		}
	}
	return array.NewRecord(b.Schema(), arrays, b.NumRows()), nil
}

// column gives a column after an action. The caller releases it.
func (c *changer) column(of Column, in arrow.Array) (arrow.Array, error) {
	switch of.Action {
	case Keep, Keyed: // a keyed hash was made with the row
		in.Retain()
		return in, nil
	case Drop:
		return array.MakeArrayOfNull(c.mem, in.DataType(), in.Len()), nil
	case Pseudonymise:
		return mapTexts(c.mem, in, c.secrets.pseudonym)
	case Zip3:
		return mapTexts(c.mem, in, zip3)
	case Age:
		return mapAges(c.mem, in, c.oldestOf(of.Name, oldestAge))
	case Quantity:
		return mapAges(c.mem, in, c.oldestOf(of.Name, 0))
	case Code:
		return mapTexts(c.mem, in, plain)
	case Display:
		return mapDisplays(c.mem, in, c.batch.Column(codeOf(c.batch.Schema(), of.Name)))
	case State:
		return mapTexts(c.mem, in, stateOnly)
	case Rank:
		return c.ranks(in)
	case Year:
		return mapDays(c.mem, in, false, func(_ int, day int) (int, bool) { return yearOf(day), true })
	case BirthYear:
		now := c.batch.Column(c.batch.Schema().FieldIndices(lineage.RetrievedAt)[0]).(*array.Timestamp)
		return mapDays(c.mem, in, false, func(row, day int) (int, bool) { return birthYearOf(day, int(int64(now.Value(row))/microsADay)), true })
	case Shift:
		if c.days == nil {
			c.days = c.shifts()
		}
		return mapDays(c.mem, in, true, func(row, day int) (int, bool) { return day - c.days[row], c.days[row] > 0 })
	}
	return nil, fmt.Errorf("no action %s", of.Action)
}

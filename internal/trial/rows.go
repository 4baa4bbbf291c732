package trial

import (
	"encoding/json"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

// Rows are the first rows of each table.
type Rows struct {
	limit  int
	tables map[string]*Table
	order  []string
}

// Table is what Rows has of a table. Lineage columns are left out.
type Table struct {
	Name    string            `json:"table"`
	Columns []string          `json:"-"`
	Rows    []json.RawMessage `json:"rows"` // objects, by column
	Texts   [][]string        `json:"-"`    // values as text, in the order of Columns; "" for null
	Null    [][]bool          `json:"-"`
}

// NewRows keeps at most limit rows of each table of plan.
func NewRows(plan *transform.Plan, limit int) (*Rows, error) {
	r := &Rows{limit: limit, tables: map[string]*Table{}}
	for _, s := range plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		kept := &Table{Name: t.Name, Rows: []json.RawMessage{}}
		for _, f := range s.Fields()[:s.NumFields()-len(lineage.Fields())] {
			kept.Columns = append(kept.Columns, f.Name)
		}
		r.tables[t.Name], r.order = kept, append(r.order, t.Name)
	}
	return r, nil
}

// Add takes rows of a result. It reports whether some table wants more.
func (r *Rows) Add(res *transform.Result) (more bool, err error) {
	for _, b := range res.Batches {
		t, err := table.Of(b.Schema())
		if err != nil {
			return false, err
		}
		if err := r.tables[t.Name].add(b, r.limit); err != nil {
			return false, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	for _, t := range r.tables {
		more = more || len(t.Rows) < r.limit
	}
	return more, nil
}

// Tables gives the tables in the order of the mapping.
func (r *Rows) Tables() []*Table {
	var list []*Table
	for _, name := range r.order {
		list = append(list, r.tables[name])
	}
	return list
}

func (t *Table) add(b arrow.Record, limit int) error {
	n := min(int(b.NumRows()), limit-len(t.Rows))
	if n <= 0 {
		return nil
	}
	schema := arrow.NewSchema(b.Schema().Fields()[:len(t.Columns)], nil)
	own := array.NewRecord(schema, b.Columns()[:len(t.Columns)], b.NumRows())
	defer own.Release()
	some := own.NewSlice(0, int64(n))
	defer some.Release()
	text, err := some.MarshalJSON()
	if err != nil {
		return err
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	t.Rows = append(t.Rows, rows...)
	for i := range n {
		t.addText(some, i)
	}
	return nil
}

func (t *Table) addText(b arrow.Record, row int) {
	texts, null := make([]string, len(t.Columns)), make([]bool, len(t.Columns))
	for i, c := range b.Columns() {
		if null[i] = c.IsNull(row); !null[i] {
			texts[i] = c.ValueStr(row)
		}
	}
	t.Texts, t.Null = append(t.Texts, texts), append(t.Null, null)
}

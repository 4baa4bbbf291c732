package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
)

// lane is what a flattener keeps for one resource type.
type lane struct {
	plan     *resourcePlan
	orders   []keyOrder // by node.order
	rows     [][]row    // by table: those of the chunk, in document order
	tables   []*tableBuilder
	unranked int64 // copies of the page whose lastUpdated cannot be read
	untimed  int64 // that have none
}

func newLane(rp *resourcePlan) *lane {
	l := &lane{plan: rp, rows: make([][]row, len(rp.tables))}
	for _, n := range rp.orders {
		l.orders = append(l.orders, newKeyOrder(n))
	}
	for _, t := range rp.tables {
		l.tables = append(l.tables, newTableBuilder(t))
	}
	return l
}

// forget removes the rows whose frames are at index or after it.
func (l *lane) forget(index int32) {
	for i, rows := range l.rows {
		n := len(rows)
		for n > 0 && rows[n-1].frame >= index {
			n--
		}
		l.rows[i] = rows[:n]
	}
}

// batches takes the record batches of the page.
func (l *lane) batches(f *Flattener) []arrow.Record {
	var list []arrow.Record
	for _, t := range l.tables {
		if t.rows() > 0 {
			list = append(list, t.finish(f))
		}
	}
	return list
}

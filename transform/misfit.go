package transform

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

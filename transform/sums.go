package transform

import (
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// sums builds a column of sums: several adjudications of one category add up.
type sums struct {
	*fixed[decimal128.Num]
	kind kind
}

func newSums(k kind) *sums {
	return &sums{fixed: newFixed(k.arrow(), k.readDecimal), kind: k}
}

func (b *sums) add(c *chunk, m *misfits) {
	b.reach(c.first + len(c.rows))
	b.values = extended(b.values, c.first+len(c.rows))
	for i := range c.hits {
		h := &c.hits[i]
		if !h.present() {
			m.missing(c, int(h.at))
			continue
		}
		total, n, reason := b.total(c, h.span)
		if reason != "" {
			m.note(c, int(h.at), reason)
		}
		if n > 0 && reason == "" {
			b.values[c.first+int(h.at)] = total
			b.set(c.first + int(h.at))
		}
	}
}

// total adds the numbers of a list, and says how many there are. Where one does not fit
// there is no sum, and the reason says why.
func (b *sums) total(c *chunk, list span) (total decimal128.Num, n int, reason string) {
	c.items(list, func(item span) bool {
		if item.kind == kindNull {
			return true
		}
		var v decimal128.Num
		if v, reason = b.kind.readDecimal(c, item); reason != "" {
			return false
		}
		total, n = total.Add(v), n+1
		if !total.FitsInPrecision(b.kind.precision) {
			reason = ValueOutOfRange
		}
		return reason == ""
	})
	return total, n, reason
}

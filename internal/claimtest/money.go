package claimtest

import "slices"

// Kinds are the kinds of amounts of claim_line.
var Kinds = []string{"charge", "allowed", "paid", "deductible", "coinsurance", "copay", "noncovered", "prior_payer", "member_liability", "drug_cost"}

// sums are amounts of the same kind, in cents: one for each adjudication that has it.
type sums map[string][]int64

// of is the sum of a kind, or nil.
func (s sums) of(category string) *int64 {
	list, ok := s[category]
	if !ok {
		return nil
	}
	var n int64
	for _, a := range list {
		n += a
	}
	return &n
}

// Line is a line, detail or sub-detail, with the amounts of its adjudications by category.
type Line struct {
	said    sums
	net     *int64
	below   []*Line
	isTotal bool // of revenue center 0001
}

// Statement is an explanation of benefit, by its amounts.
type Statement struct {
	ID                    string
	lines, added          []*Line
	adjudications, totals sums
	payment               *int64
	balances              sums // of CMS
}

// Balance is what a statement says of a kind, by "A claim's money" in docs/views.md.
type Balance struct {
	Amount, Header *int64
	From           string
}

// categories spell the kinds but charge and paid.
var categories = map[string]string{
	"allowed": "eligible", "deductible": "deductible", "coinsurance": "coinsurance", "copay": "copay", "noncovered": "noncovered",
	"prior_payer": "priorpayerpaid", "member_liability": "memberliability", "drug_cost": "drugcost",
}

// saidOf is what adjudications or totals say of a kind.
func saidOf(s sums, kind string) *int64 {
	switch kind {
	case "charge":
		return s.of("submitted")
	case "paid":
		if n := s.of("benefit"); n != nil {
			return n
		}
		return plus(s.of("paidtoprovider"), s.of("paidtopatient"))
	default:
		return s.of(categories[kind])
	}
}

func plus(a, b *int64) *int64 {
	if a == nil || b == nil {
		return firstOf(a, b)
	}
	n := *a + *b
	return &n
}

func firstOf(list ...*int64) *int64 {
	for _, n := range list {
		if n != nil {
			return n
		}
	}
	return nil
}

// own is what a line itself says.
func (l *Line) own(kind string) *int64 {
	n := saidOf(l.said, kind)
	if kind == "charge" {
		return firstOf(n, l.net)
	}
	return n
}

// details is what those below a line say together.
func (l *Line) details(kind string) (n *int64) {
	for _, d := range l.below {
		n = plus(n, d.counts(kind))
	}
	return n
}

// counts is what a line says, or those below it where it says nothing or zero.
func (l *Line) counts(kind string) *int64 {
	own, below := l.own(kind), l.details(kind)
	if own == nil || *own == 0 && value(below) != 0 {
		return below
	}
	return own
}

// header is what the header says, and where.
func (s *Statement) header(kind string) (*int64, string) {
	if n := saidOf(s.adjudications, kind); n != nil {
		return n, "adjudication"
	}
	if n := saidOf(s.totals, kind); n != nil {
		return n, "total"
	}
	if kind == "paid" && s.payment != nil {
		return s.payment, "payment"
	}
	if n := s.balances.of(kind); n != nil {
		return n, "benefit balance"
	}
	return nil, ""
}

// Says is what a statement says of a kind; ok is whether it says anything.
func (s *Statement) Says(kind string) (b Balance, ok bool) {
	header, from := s.header(kind)
	lines, total := s.split()
	var all, ofTotals *int64
	any := false
	for _, l := range lines {
		n := l.counts(kind)
		all = plus(all, n)
		any = any || value(n) != 0
	}
	for _, l := range total {
		ofTotals = plus(ofTotals, l.own(kind))
	}
	switch {
	case !any && value(ofTotals) != 0, all == nil && header == nil && ofTotals != nil:
		return Balance{ofTotals, header, "total line"}, true
	case !any && header != nil && (*header != 0 || all == nil):
		return Balance{header, header, from}, true
	case all == nil:
		return Balance{}, false
	}
	return s.reading(kind, header), true
}

// split parts the lines from those of revenue center 0001.
func (s *Statement) split() (lines, totals []*Line) {
	for _, l := range slices.Concat(s.lines, s.added) {
		if l.isTotal {
			totals = append(totals, l)
		} else {
			lines = append(lines, l)
		}
	}
	return lines, totals
}

// reading is the first reading of lines, details and added lines that gives what the
// header says, else the lines.
func (s *Statement) reading(kind string, header *int64) Balance {
	readings := []struct {
		name string
		read func(l *Line) int64
	}{
		{"lines", func(l *Line) int64 { return value(l.counts(kind)) }},
		{"lines and details", func(l *Line) int64 {
			if value(l.own(kind)) != 0 {
				return value(l.own(kind)) + value(l.details(kind))
			}
			return value(l.counts(kind))
		}},
		{"details", func(l *Line) int64 {
			if value(l.own(kind)) != 0 && l.details(kind) != nil {
				return value(l.details(kind))
			}
			return value(l.counts(kind))
		}},
	}
	var first Balance
	for i, r := range readings {
		var billed, added int64
		for _, l := range s.lines {
			if !l.isTotal {
				billed += r.read(l)
			}
		}
		for _, l := range s.added {
			if !l.isTotal {
				added += value(l.counts(kind))
			}
		}
		both := billed + added
		if i == 0 {
			first = Balance{&both, header, r.name}
		}
		if header != nil && both == *header {
			return Balance{&both, header, r.name}
		}
		if header != nil && billed == *header {
			return Balance{&billed, header, r.name + " without added"}
		}
	}
	return first
}

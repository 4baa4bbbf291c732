package claimtest

import (
	"fmt"
	"math/rand/v2"
)

// DrawStatements draws explanations of benefit, each of a patient of its id.
func DrawStatements(seed uint64, n int) (list []*Statement) {
	d := dice{rand.New(rand.NewPCG(seed, 2))}
	for i := range n {
		list = append(list, d.statement(fmt.Sprintf("s%d", i)))
	}
	return list
}

// lineCategories are those of adjudications of lines and headers.
var lineCategories = []string{"submitted", "eligible", "benefit", "paidtoprovider", "paidtopatient", "deductible", "coinsurance", "copay", "noncovered", "priorpayerpaid", "memberliability", "drugcost"}

func (d dice) statement(id string) *Statement {
	s := &Statement{ID: id, adjudications: sums{}, totals: sums{}, balances: sums{}}
	kinds := lineCategories[:1+d.IntN(len(lineCategories))]
	for range d.IntN(4) {
		s.lines = append(s.lines, d.line(kinds, 2))
	}
	if d.in(4) {
		for range 1 + d.IntN(2) {
			s.added = append(s.added, d.line(kinds, 1))
		}
	}
	if d.in(4) {
		total := d.line(kinds, 0)
		total.isTotal = true
		if d.in(2) { // as it should be: the sum of the others
			for _, c := range kinds {
				total.said[c] = []int64{0}
				for _, l := range s.lines {
					total.said[c][0] += value(l.said.of(c))
				}
			}
		}
		s.lines = append(s.lines, total)
	}
	for _, c := range lineCategories {
		if d.in(3) {
			s.totals[c] = d.headerOf(s, c)
		}
		if d.in(6) {
			s.adjudications[c] = d.headerOf(s, c)
		}
	}
	if d.in(3) {
		n := d.headerOf(s, "benefit")[0]
		s.payment = &n
	}
	if d.in(5) {
		for _, kind := range []string{"allowed", "deductible", "coinsurance", "noncovered", "prior_payer"} {
			s.balances[kind] = d.headerOf(s, categories[kind])
		}
	}
	return s
}

// line draws a line with so many levels of details below it.
func (d dice) line(kinds []string, levels int) *Line {
	l := &Line{said: sums{}}
	for _, c := range kinds {
		if d.in(3) {
			continue
		}
		for range 1 + d.IntN(5)/4 { // seldom two
			l.said[c] = append(l.said[c], *d.amount())
		}
	}
	if d.in(4) {
		l.net = d.amount()
	}
	if levels > 0 && d.in(3) {
		for range 1 + d.IntN(2) {
			l.below = append(l.below, d.line(kinds, levels-1))
		}
		d.repeat(l, kinds)
	}
	return l
}

// repeat lets the details of some lines add up to them.
func (d dice) repeat(l *Line, kinds []string) {
	for _, c := range kinds {
		if n := l.said.of(c); n != nil && d.in(2) {
			for _, b := range l.below {
				b.said[c] = []int64{0}
			}
			l.below[0].said[c] = []int64{*n}
		}
	}
}

// amount is seldom zero, and seldom negative.
func (d dice) amount() *int64 {
	n := int64(1 + d.IntN(9999))
	switch d.IntN(12) {
	case 0, 1:
		n = 0
	case 2:
		n = -n
	}
	return &n
}

// headerOf is what a header says of a category: what a reading of the lines gives, zero
// or something else, in one piece or two.
func (d dice) headerOf(s *Statement, category string) []int64 {
	var lines, more, added int64
	for _, l := range s.lines {
		if !l.isTotal {
			lines += value(l.said.of(category))
			for _, b := range l.below {
				more += value(b.said.of(category))
			}
		}
	}
	for _, l := range s.added {
		added += value(l.said.of(category))
	}
	n := pick(d, lines, lines+added, lines+more, more, lines+more+added, 0, *d.amount())
	if d.in(4) {
		part := n / 3
		return []int64{part, n - part}
	}
	return []int64{n}
}
